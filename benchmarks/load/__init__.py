"""Load: the whole bot as its own process, driven over the platforms' protocols."""
