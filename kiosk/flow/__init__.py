"""A visit: events in, states and effects out. Pure: no clock, no I/O, no Qt."""
