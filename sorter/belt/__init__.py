"""The belt: what is on it, what each thing is, where it goes and where it went. Pure."""
