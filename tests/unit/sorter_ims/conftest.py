"""Fixtures of the store, for crates over their tables."""

from tests.store_fixtures import clock, file, key, store

__all__ = ["clock", "file", "key", "store"]
