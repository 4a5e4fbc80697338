"""Power cuts: what SQLite writes and syncs is recorded, the disk is made as a cut at any moment could leave it, and the
station's own code must find everything in it that it had acknowledged. `make crash` is `__main__`."""
