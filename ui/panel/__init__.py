"""The sorting plant's panel: a window of its own process on the running line."""
