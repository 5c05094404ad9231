"""The store's fixtures."""

from tests.store_fixtures import clock, file, key, store

__all__ = ["clock", "file", "key", "store"]
