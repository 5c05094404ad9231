"""What a station is and says: its devices, its rules, and every word by key."""
