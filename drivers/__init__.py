"""Every wire out of the process, each behind a small Protocol, and the work that every station shares."""
