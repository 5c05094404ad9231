"""The staff screens of real sessions, as the shipping kiosk builds them in a simulated world."""

from functools import partial

from drivers.service import records
from drivers.service.cases import CaseKind
from drivers.service.roles import Role
from drivers.service.view import Screen
from tests.simulation.rig import STAFF_CARD, STATION, Rig, play

WAITING = (
    (CaseKind.LEFT_BEHIND, "3846646441"),
    (CaseKind.STILL_ARMED, "3846646433"),
    (CaseKind.PAPER_OUT, "printer"),
    (CaseKind.REPLAY_REFUSED, "3846646458"),
    (CaseKind.SET_INCOMPLETE, "3846646466"),
    (CaseKind.TAG_UNREADABLE, "3846646425"),
)


def staff() -> dict[str, Screen]:
    """By name, in the order in which they came."""
    seen: dict[str, Screen] = {}

    async def story(rig: Rig) -> None:
        def keep(name: str) -> None:
            seen[f"staff-{name}"] = rig.screen

        for kind, subject in WAITING:
            await rig.store.write(partial(records.open_case, kind=kind, subject=subject))
            await rig.pause(300)
        await rig.press("assist.help")
        keep("way-in")
        await rig.press("staff")
        keep("card")
        await rig.scan(STAFF_CARD)
        await rig.enter_pin("0000")
        await rig.press("staff.enter")
        await rig.until(lambda s: s.staff is not None and s.staff.notice is not None)
        keep("pin-wrong")
        await rig.press("staff.leave")
        await rig.staff_in(Role.TECHNICIAN)
        await rig.pause(3)
        keep("cases")
        cases = await rig.store.read(records.open_cases)
        armed = next(case.id for case in cases if case.kind is CaseKind.STILL_ARMED)
        await rig.press(f"staff.take.{armed}")
        keep("case")
        await rig.press("staff.verb.mend")
        keep("pad")
        await rig.press("staff.case")
        await rig.press("staff.reason")
        keep("reason")
        await rig.press("staff.cases")
        await rig.press("staff.tab.taken")
        keep("taken")
        await rig.press("staff.devices")
        keep("devices")
        await rig.press("staff.cause")
        keep("cause")
        await rig.press("staff.cause.cleaning")
        keep("devices-closed")
        await rig.press("staff.unblock")
        keep("unblock")
        await rig.press("staff.help")
        keep("help")
        await rig.press("staff.leave")
        keep("closed")

    async def empty(rig: Rig) -> None:
        await rig.staff_in()
        seen["staff-empty"] = rig.screen

    async def night(rig: Rig) -> None:
        await rig.until(lambda s: s.dark, 300)
        seen["dark"] = rig.screen
        await rig.kiosk.request("touch", {})
        await rig.pause(0.2)
        await rig.staff_in()
        await rig.press("staff.devices")
        await rig.press("staff.sound")
        seen["staff-sound"] = rig.screen
        await rig.press("staff.sound.lower")
        await rig.press("staff.screen")
        await rig.press("staff.screen.lit")
        await rig.press("staff.screen")
        seen["staff-screen"] = rig.screen
        await rig.press("staff.back")
        seen["staff-devices-set"] = rig.screen

    play(story)
    play(empty)
    play(night, station=f'{STATION}\n[screen.lit]\nevery_day = "07:00-08:00"\n')
    return seen
