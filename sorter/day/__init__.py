"""What a day at the plant came to."""
