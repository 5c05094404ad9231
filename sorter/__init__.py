"""What a sorting plant decides. Nothing stands here yet; docs/explanation/house.md says what will."""
