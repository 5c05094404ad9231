"""Slips for items in their bins: what they say, which are owed, and how they are printed."""
