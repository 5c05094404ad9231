"""The desk: a window to play the borrower by hand, and a client of the control protocol like any other."""
