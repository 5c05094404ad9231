"""Where a returned item belongs: the sorting table over all that the library system said. Pure."""

from config.station import Offline, Place, PlaceRule, Returns
from drivers.ports import Returned


def place_of(answer: Returned, returns: Returns) -> Place:
    """The place that the first fitting rule names; the last rule fits everything."""
    rule = next(rule for rule in returns.rules if _fits(rule, answer))
    return next(place for place in returns.places if place.id == rule.place)


def place_offline(returns: Returns, offline: Offline) -> Place:
    """Where everything is put while nobody can say more of it."""
    wanted = offline.place or returns.rules[-1].place
    return next(place for place in returns.places if place.id == wanted)


def _fits(rule: PlaceRule, answer: Returned) -> bool:
    return (
        (not rule.alert_type or rule.alert_type == answer.alert_type)
        and (not rule.destination or rule.destination == answer.destination)
        and (not rule.sort_bin or rule.sort_bin == answer.sort_bin)
        and answer.permanent_location.startswith(rule.permanent_location)
        and (not rule.media or rule.media == answer.media)
        and answer.collection.startswith(rule.collection)
        and (not rule.sent_on or bool(answer.destination))
        and (not rule.alert or answer.alert)
    )
