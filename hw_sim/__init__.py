"""The far side of every wire and the small world it stands in. Imports nothing of the product."""
