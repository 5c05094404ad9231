"""The demo's scripted visit: what a borrower would do, pressed in the window, and judged by the world.

The proof asks the simulated world and never the kiosk: the library system holds the loans, every tag of
theirs is on loan, and the paper carries every title and date.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from config.texts import Catalogue, Channel, text
from drivers.service.view import RowsBody, Screen, Snapshot, actions_of
from ui.outcome import Exit, Fault
from ui.world import World

STEP_S = 20.0
ON_LOAN = "c2"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the borrower does: then wait until the screen is `so`."""

    name: str
    does: Callable[[], None]
    so: Callable[[Screen], bool]


class Visit:
    """Plays the visit. `tick` lets the window live for a moment; `seconds` is a clock."""

    def __init__(
        self,
        world: World,
        *,
        press: Callable[[str], None],
        grab: Callable[[Path], None],
        tick: Callable[[], None],
        seconds: Callable[[], float],
        out: Path,
        catalogue: Catalogue,
    ) -> None:
        self._world = world
        self._press = press
        self._grab = grab
        self._tick = tick
        self._seconds = seconds
        self._out = out
        self._catalogue = catalogue
        self._screen: Screen | None = None
        self._pictures = 0
        self._steps: list[dict[str, Any]] = []
        self._hello = world.do("hello")

    def shown(self, snapshot: Snapshot) -> None:
        """The newest snapshot, as the window has it."""
        self._screen = snapshot.screen

    def play(self) -> dict[str, Any]:
        """The whole visit. Returns the summary; its `ok` is the world's word."""
        patron = self._hello["patrons"][0]
        items = [item["id"] for item in self._hello["items"]]
        began = self._seconds()
        self._do("switch on", lambda: None, lambda s: s.name == "start", picture="start")
        self._do(
            "scan the card",
            lambda: self._ask("scan", text=patron["card"]),
            lambda s: s.name == "pin",
        )
        for digit in patron["pin"][:2]:
            self._key(digit)
        self._picture("pin")
        for digit in patron["pin"][2:]:
            self._key(digit)
        self._do(
            "enter the PIN", lambda: None, lambda s: s.name == "borrow", picture="borrow-empty"
        )
        self._do(
            "lay the stack down",
            lambda: self._ask("lay", items=items),
            lambda s: _rows_done(s) >= 3,
            picture="borrow-running",
        )
        self._do(
            "wait until all is lent",
            lambda: None,
            lambda s: len(_rows(s)) == len(items) and not _running(s),
            picture="borrow-done",
        )
        self._do(
            "open help",
            lambda: self._push("assist.help"),
            lambda s: s.name == "help",
            picture="help",
        )
        self._do("close help", lambda: self._push("close"), lambda s: s.name == "borrow")
        self._do(
            "finish with a receipt",
            lambda: self._push("finish.print"),
            lambda s: s.name == "end",
        )
        self._do(
            "take the receipt",
            lambda: None,
            lambda s: s.name != "end" or _receipt_out(s),
            picture="end",
        )
        truth = self._world.do("truth")
        receipt = self._out / "receipt.png"
        self._world.do("paper", path=str(receipt))
        self._ask("tear")
        self._do(
            "take the books and go",
            lambda: self._ask("lift"),
            lambda s: s.name == "start",
        )
        return self._summary(truth, self._seconds() - began)

    # --- doing --------------------------------------------------------------------------------------

    def _do(
        self, name: str, does: Callable[[], None], so: Callable[[Screen], bool], picture: str = ""
    ) -> None:
        began = self._seconds()
        does()
        while self._screen is None or not so(self._screen):
            if self._seconds() - began > STEP_S:
                seen = self._screen.name if self._screen is not None else "nothing"
                raise Fault(
                    Exit.BUG,
                    code="demo.stuck",
                    what=f"The visit is stuck at '{name}' after {STEP_S:.0f} s, on the screen '{seen}'.",
                    where="ims demo",
                    do="Look at the pictures in the output directory.",
                )
            self._tick()
        self._steps.append({"name": name, "seconds": round(self._seconds() - began, 3)})
        if picture:
            self._picture(picture)

    def _key(self, digit: str) -> None:
        self._push(f"key.{digit}")
        self._tick()

    def _push(self, action: str) -> None:
        ids = [a.id for a in actions_of(self._screen)] if self._screen is not None else []
        if action not in ids:
            raise Fault(
                Exit.BUG,
                code="demo.stuck",
                what=f"There is no {action} to press; there are {', '.join(ids)}.",
                where="ims demo",
                do="Look at the pictures in the output directory.",
            )
        self._press(action)

    def _ask(self, verb: str, **args: Any) -> None:
        self._world.do(verb, **args)

    def _picture(self, name: str) -> None:
        for _ in range(6):  # let the last frame settle
            self._tick()
        self._pictures += 1
        self._grab(self._out / f"{self._pictures:02}-{name}.png")

    # --- judging ------------------------------------------------------------------------------------

    def _summary(self, truth: dict[str, Any], seconds: float) -> dict[str, Any]:
        library = truth["devices"]["library"]
        printed = [job["texts"] for job in truth["devices"]["printer"]["jobs"]]
        tags = [tag for item in truth["world"]["items"].values() for tag in item["tags"]]
        failures = prove(self._hello, library, tags, printed, self._catalogue)
        return {
            "ok": not failures,
            "failures": failures,
            "seconds": round(seconds, 3),
            "steps": self._steps,
            "asked": library["asked"],
            "loans": {item: {"due": loan["due"]} for item, loan in library["loans"].items()},
            "tags": tags,
            "printed": printed,
            "pictures": sorted(path.name for path in self._out.glob("*.png")),
        }


def prove(
    hello: dict[str, Any],
    library: dict[str, Any],
    tags: list[dict[str, Any]],
    printed: list[list[str]],
    catalogue: Catalogue,
) -> list[str]:
    """What the world says is not as it should be; nothing, when the visit was true."""
    failures: list[str] = []
    loans = library["loans"]
    if not loans:
        failures.append("the library system holds no loan")
    items = {item["id"]: item for item in hello["items"]}
    for tag in tags:
        lent = tag["item"] in loans
        if lent and tag["afi"] != ON_LOAN:
            failures.append(f"{tag['item']} is lent and part {tag['part']} would alarm")
        if not lent and tag["afi"] == ON_LOAN:
            failures.append(f"{tag['item']} is not lent and part {tag['part']} is silent")
    paper = [line for job in printed for line in job]
    for number, loan in loans.items():
        title = items[number]["title"]
        at = next((i for i, line in enumerate(paper) if line.startswith(title)), None)
        due = catalogue.say(
            text("receipt.due", d=date.fromisoformat(loan["due"])), "da", Channel.PAPER
        )
        if at is None:
            failures.append(f"{number}: its title is not on the paper")
        elif due not in paper[at : at + 4]:
            failures.append(f"{number}: '{due}' is not under its title on the paper")
    return failures


def _rows(screen: Screen) -> list[Any]:
    return list(screen.body.rows) if isinstance(screen.body, RowsBody) else []


def _rows_done(screen: Screen) -> int:
    return sum(row.mark == "done" for row in _rows(screen))


def _running(screen: Screen) -> bool:
    return any(row.mark in {"running", "seen", "put_back"} for row in _rows(screen))


def _receipt_out(screen: Screen) -> bool:
    body = screen.body
    return (
        body.kind == "end"
        and body.receipt is not None
        and body.receipt.label.key == "end.take_receipt"
    )
