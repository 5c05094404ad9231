"""The stage for journeys."""

from tests.journeys.stage import stage, stage_of, upright

__all__ = ["stage", "stage_of", "upright"]
