"""Ids and times of a transaction."""

from datetime import UTC, datetime, timedelta, timezone

from drivers.store.txn import moment, uuid7


def test_the_uuid_of_the_standards_example() -> None:
    """RFC 9562, appendix A.6."""
    at = datetime(2022, 2, 22, 14, 22, 22, tzinfo=timezone(timedelta(hours=-5)))
    assert (
        uuid7(at, bytes.fromhex("0cc318c4dc0c0c07398f")) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    )


def test_a_moment_is_utc_and_text_order_is_time_order() -> None:
    noon = datetime(2026, 11, 3, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    assert moment(noon) == "2026-11-03T11:00:00.000000Z"
    assert moment(noon) < moment(noon + timedelta(microseconds=1)) < moment(noon.replace(hour=13))
    assert datetime.fromisoformat(moment(noon)) == noon.astimezone(UTC)
