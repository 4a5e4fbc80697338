"""The device box: simulated hardware at the far end of real transports. The drivers do not know of it."""
