"""What runs the flow: the inbox, the effect runner, the threads, the watchdog."""
