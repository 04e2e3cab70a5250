"""What all the stand-ins rest on: the clock, the store, faults, callbacks and the log of money."""
