"""What the station keeps: the journal (durable), the mirror and the patrons (disposable)."""
