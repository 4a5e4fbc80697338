"""The demo and the rehearsal: they start the real station, device box and centre, and play readers."""
