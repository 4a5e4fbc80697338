"""Receipt printers: the room is kept for them; there is no driver yet."""
