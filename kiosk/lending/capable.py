"""What a kiosk can still do when a device has died: each capability that is left keeps working. Pure.

A device that has failed is trusted again only when it has held for a while: a screen that comes and goes is
worse than one that says what is left. What it does meanwhile counts all the same: an item that its pad reads
is lent.
"""

from config.station import Lending as Rules
from config.station import Offline
from drivers.errors import Code
from drivers.ports import Online
from drivers.runtime.flow import SetTimer, StopTimer
from kiosk.lending.state import Lending
from kiosk.lending.turn import Turn

SERVICE_OF = {"holds": "loans", "fees": "loans"}
"""Parts of an account that are looked at like its loans, and when they are."""
_WANTED = frozenset({"borrow", "return", "loans"})
REPORTING_S = 5.0
"""How long a starting machine waits for the devices that have not been heard of."""


def steady(state: Lending, role: str) -> bool:
    """It works, and has for long enough if it had failed."""
    return bool(getattr(state.devices, role)) and role not in state.unsteady


def reads_cards(state: Lending) -> bool:
    """A card can be shown: by its barcode, or by its chip. Else its number is typed."""
    return steady(state, "scanner") or steady(state, "card")


def by_barcode(state: Lending, rules: Rules) -> bool:
    """Barcode mode: there is no pad to trust, and items are taken by their barcodes, one at a time."""
    return (
        rules.without_pad != "closed" and not steady(state, "pad") and bool(state.devices.scanner)
    )


def reads_chips_only(state: Lending) -> bool:
    """A chip is read, and no barcode."""
    return not steady(state, "scanner") and steady(state, "card")


def takes_items(state: Lending, rules: Rules) -> bool:
    """Something reads them now, trusted or not: the pad, or the barcode reader in its place."""
    return state.devices.pad or by_barcode(state, rules)


def works(state: Lending, rules: Rules, offline: Offline) -> frozenset[str]:
    """The services whose devices work, and that go on as the library system is reached. None: out of order."""
    return with_devices(state, rules) & connected(state, offline)


def connected(state: Lending, offline: Offline) -> frozenset[str]:
    """The services that go on as the library system is reached now."""
    devices = state.devices
    if devices.library is Online.UNKNOWN:
        return frozenset()
    believed = not devices.away or reads_cards(state) or offline.typed_cards
    return frozenset(
        service
        for service, there in (
            ("borrow", devices.lends(offline) and believed),
            ("return", devices.takes_back(offline)),
            ("loans", not devices.away),
        )
        if there
    )


def with_devices(state: Lending, rules: Rules) -> frozenset[str]:
    """The services whose devices work."""
    devices = state.devices
    if not (devices.store and devices.clock):
        return frozenset()
    if state.service.cause is not None:  # staff has taken it out of service
        return frozenset()
    pad, scanner = steady(state, "pad"), steady(state, "scanner")
    if not pad and not scanner and rules.without_readers == "closed":
        return frozenset()
    if pad or (scanner and rules.without_pad != "closed"):
        return frozenset({"borrow", "return", "loans"})
    return frozenset({"loans"})  # whoever has no reader left types the number of her card


def account_only(state: Lending, rules: Rules) -> bool:
    """No item can be taken, and an account can still be looked at."""
    return with_devices(state, rules) == {"loans"}


def left(turn: Turn) -> frozenset[str]:
    """What works of all that the library wants done at this hour; where it wants nothing, what works."""
    working = works(turn.state, turn.rules, turn.offline)
    return working & turn.state.offered if turn.state.offered & _WANTED else working


def offers(turn: Turn, service: str) -> bool:
    """The library wants it done at this hour, and the devices for it work."""
    service = SERVICE_OF.get(service, service)
    return service in turn.state.offered and service in works(turn.state, turn.rules, turn.offline)


def all_reported(turn: Turn) -> bool:
    """Every device that takes items or cards has been heard of, or a starting machine has waited long enough."""
    state = turn.state
    if state.begun is None:
        turn.set(begun=turn.now.monotonic)
        turn.do(SetTimer("reporting", REPORTING_S))
        return _heard(state)
    return _heard(state) or turn.now.monotonic - state.begun >= REPORTING_S


def _heard(state: Lending) -> bool:
    return all(
        getattr(state.devices, role) or role in state.unsteady for role in ("pad", "scanner")
    )


def health(turn: Turn, role: str, ready: bool, code: Code | None) -> None:
    """A device is ready, or not."""
    state = turn.state
    turn.set(devices=state.devices.with_health(role, ready, code))
    if role not in {"pad", "scanner"}:
        return
    if not ready:
        turn.set(unsteady=state.unsteady | {role})
        turn.do(StopTimer(f"steady.{role}"))
    elif role in state.unsteady:
        turn.do(SetTimer(f"steady.{role}", turn.rules.steady_s))


def held(turn: Turn, role: str) -> None:
    """It has not failed again for long enough."""
    if getattr(turn.state.devices, role):
        turn.set(unsteady=turn.state.unsteady - {role})
