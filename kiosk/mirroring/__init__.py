"""How the mirror is filled and fed: a process of its own, so that neither the screen nor an act ever waits for it."""
