"""The sorting demo's morning: borrowers at the inlet, hands at the plant, an operator; played on a running line and judged.

The proof asks the simulated plant and library system and never the line: where each item lies, how often it was checked
in, what is on paper. The line must agree with them, item by item.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ui.door import Door
from ui.outcome import Exit, Fault
from ui.world import World

STEP_S = 60.0
AGAIN_S = 1.5
MOMENT_S = 1.5
ON = {"aborted": "clear", "stopped": "reset", "idle": "start", "held": "unhold"}
"""By the belt's state, what brings it nearer to running."""
BOOK, SET, HELD, FOREIGN = "3846646001", "3846646004", "3846646003", "3846646006"
CHILDREN = tuple(f"38466471{n:02}" for n in range(1, 13))
JAMMED, *NONFICTION = (f"384664702{n}" for n in range(1, 4))
CRATE_HOLDS = 4
CHUTE, FIRST_CRATE, SECOND_CRATE, CRATED = "A-03", "K-0001", "K-0002", 3
WANTED = {
    BOOK: 1,
    SET: 2,
    HELD: 5,
    FOREIGN: 7,
    **dict.fromkeys((JAMMED, *NONFICTION), 2),
    **dict.fromkeys(CHILDREN, CRATED),
}
"""Bins in which these belong."""
ASIDE = frozenset({8, 9})
"""Overflow and staff: where an item may lie that has a cause, such as a full crate or an answer that was late."""
NEVER_ASKED = frozenset({"no_read", "conflict", "incomplete", "not_armed", "gap"})
"""Causes for which nothing is checked in: staff has the item."""
PEOPLE = ("Prøvesen",)
"""Names of borrowers in the made-up town: on no paper."""


class Morning:
    """Plays it. `tick` lets windows live for a moment; `seconds` is a clock; `press` is a finger on the inlet's screen."""

    def __init__(
        self,
        world: World,
        line: Door,
        *,
        inlet: Callable[[], str],
        press: Callable[[str], None],
        grab: Callable[[str, Path], None],
        tick: Callable[[], None],
        seconds: Callable[[], float],
        out: Path,
    ) -> None:
        """`inlet`: name of the screen that stands at the inlet; `grab`: a picture of the window of that name."""
        self._world = world
        self._line = line
        self._inlet = inlet
        self._press = press
        self._grab = grab
        self._tick = tick
        self._seconds = seconds
        self._out = out
        self._pictures = 0
        self._steps: list[dict[str, Any]] = []
        self._fed: list[str] = []
        self._kept = False
        self._pressed_at = float("-inf")

    def play(self) -> dict[str, Any]:
        """All of it. Returns the summary; its `ok` is the world's word."""
        began = self._seconds()
        self._do("dock a crate at the children's bin", self._dock_first, self._crate_stands)
        self._do("start the belt", self._run_up, self._running)
        self._do("open the inlet", _nothing, self._shows("inlet_start"), ("panel", "inlet"))
        self._do("hand in a stack, one by one", self._stack, self._taken(4), ("inlet",))
        self._do("put a passport in", self._passport, self._shows("inlet_refused"), ("inlet",))
        self._do("take it back", lambda: self._press("close"), self._shows("inlet"), ("panel",))
        self._do(
            "ask for a receipt",
            lambda: self._press("finish.print"),
            self._printed("inlet_printer"),
            ("inlet",),
        )
        self._do("print a slip for the hold", _nothing, self._printed("printer"))
        self._do("fill the children's crate", _nothing, self._filled, ("panel",))
        self._do("one more than it holds", self._child, self._last_lies)
        self._do("swap the crate by two scans", self._swap, self._swapped, ("panel",))
        self._do("and the next goes in", self._child, self._last_lies)
        self._do("jam the belt", self._jam, self._aborted, ("panel", "inlet"))
        self._do("take it off and start again", self._free, self._running)
        self._do("and put it in again", lambda: self._drop(JAMMED), self._lies(JAMMED))
        self._do("stop", self._stop, self._closed, ("inlet",))
        self._do("and start", self._run_up, self._shows("inlet_start"))
        self._do("hand in the last", lambda: self._drop(*NONFICTION), self._at_rest, ("panel",))
        return self._summary(self._seconds() - began)

    # --- what people do -----------------------------------------------------------------------------

    def _drop(self, *items: str) -> None:
        for item in items:
            self._fed.append(item)
            self._world.do("drop", items=[item])

    def _stack(self) -> None:
        self._drop(BOOK, SET, HELD, FOREIGN)

    def _passport(self) -> None:
        self._world.do("drop", what="passport")

    def _child(self) -> None:
        """The next children's book."""
        self._drop(next(item for item in CHILDREN if item not in self._fed))

    def _dock_first(self) -> None:
        for label in (CHUTE, FIRST_CRATE):
            self._world.do("scan", text=label)

    def _swap(self) -> None:
        self._world.do("pull_bin", bin=CRATED)
        self._until("lift the crate out", self._bin_is("out"))
        self._a_moment()  # hands need it too, and the sensor has settled
        self._world.do("dock_bin", bin=CRATED)
        self._a_moment()
        for label in (CHUTE, SECOND_CRATE):
            self._world.do("scan", text=label)

    def _stop(self) -> None:
        self._kept = False
        self._press("finish.none")
        self._order("stop")

    def _a_moment(self) -> None:
        began = self._seconds()
        while self._seconds() - began < MOMENT_S:
            self._tick()

    def _jam(self) -> None:
        """Under the first eye: it has not been read, and so not been checked in."""
        self._kept = False
        self._world.do("fault", device="belt", verb="jam", args={"zone": 0})
        self._world.do("drop", items=[JAMMED])

    def _free(self) -> None:
        self._world.do("take_off", item=JAMMED)
        self._world.do("clear", device="belt", verb="jam")
        self._run_up()

    def _order(self, command: str) -> None:
        self._line.request("press", action=f"belt.{command}")

    def _run_up(self) -> None:
        """From here on an operator keeps the belt running."""
        self._kept = True

    def _look_after(self) -> None:
        """What an operator presses, state by state, until the belt runs; again after a moment if it did not come to it."""
        now = self._seconds()
        if not self._kept or now - self._pressed_at < AGAIN_S:
            return
        command = ON.get(str(self._status()["belt"]["state"]))
        if command is not None:
            self._pressed_at = now
            self._order(command)

    # --- what is waited for -------------------------------------------------------------------------

    def _status(self) -> dict[str, Any]:
        return dict(self._line.request("status"))

    def _stands(self, state: str) -> Callable[[], bool]:
        return lambda: self._status()["belt"]["state"] == state

    def _running(self) -> bool:
        return bool(self._status()["belt"]["state"] == "execute")

    def _aborted(self) -> bool:
        return bool(self._status()["belt"]["state"] == "aborted")

    def _crate_stands(self) -> bool:
        return bool(self._status()["bins"]["children"]["usable"])

    def _swapped(self) -> bool:
        return self._crate_stands() and not self._status()["bins"]["children"]["count"]

    def _closed(self) -> bool:
        return self._stands("stopped")() and self._inlet() == "inlet_closed"

    def _shows(self, name: str) -> Callable[[], bool]:
        return lambda: self._inlet() == name

    def _plant(self) -> dict[str, Any]:
        return dict(self._world.do("truth")["devices"]["belt"])

    def _taken(self, count: int) -> Callable[[], bool]:
        return lambda: self._status()["counts"]["inducted"] >= count and self._inlet() == "inlet"

    def _bin_is(self, what: str) -> Callable[[], bool]:
        def so() -> bool:
            crate = self._plant()["bins"][str(CRATED)]
            if what == "out":
                return not crate["present"] and not self._crate_stands()
            return bool(crate["full"]) and not self._crate_stands()

        return so

    def _filled(self) -> bool:
        """The crate is full; until then a book follows a book."""
        if self._bin_is("full")():
            return True
        if not self._plant_waits() and any(item not in self._fed for item in CHILDREN[:-2]):
            self._child()
        return False

    def _plant_waits(self) -> bool:
        """Something lies at the inlet, or enough on the belt to fill the crate."""
        items, crate = self._plant()["items"], self._plant()["bins"][str(CRATED)]
        under_way = [t for t in items.values() if t["where"] in {"inlet", "belt", "chute"}]
        return (
            any(t["where"] == "inlet" for t in under_way)
            or len(crate["items"]) + len(under_way) >= CRATE_HOLDS
        )

    def _last_lies(self) -> bool:
        return self._lies(self._fed[-1])()

    def _lies(self, item: str) -> Callable[[], bool]:
        return lambda: self._plant()["items"].get(item, {}).get("where") == "bin"

    def _printed(self, role: str) -> Callable[[], bool]:
        return lambda: bool(self._world.do("truth")["devices"][role]["jobs"])

    def _at_rest(self) -> bool:
        told = self._status()
        items = self._plant()["items"]
        still = all(items[item]["where"] == "bin" for item in self._fed)
        return still and not told["belt"]["items"] and told["offline"]["waiting"] == 0

    def _do(
        self,
        name: str,
        does: Callable[[], None],
        so: Callable[[], bool],
        pictures: tuple[str, ...] = (),
    ) -> None:
        began = self._seconds()
        does()
        self._until(name, so)
        self._steps.append({"name": name, "seconds": round(self._seconds() - began, 3)})
        for window in pictures:
            self._picture(window, name)

    def _until(self, name: str, so: Callable[[], bool]) -> None:
        began = self._seconds()
        while not so():
            if self._seconds() - began > STEP_S:
                told = self._status()
                raise Fault(
                    Exit.BUG,
                    code="demo.stuck",
                    what=f"The morning is stuck at '{name}' after {STEP_S:.0f} s: belt {told['belt']}, inlet {told['inlet']} {told['stops']}, screen {self._inlet()}.",
                    where="ims demo sorter",
                    do="Look at the pictures in the output directory.",
                )
            self._look_after()
            self._tick()

    def _picture(self, window: str, name: str) -> None:
        for _ in range(20):  # let the newest snapshot come and its last frame settle
            self._tick()
        self._pictures += 1
        words = "-".join(name.replace("'", "").replace(",", "").split())
        self._grab(window, self._out.absolute() / f"{self._pictures:02}-{window}-{words}.png")

    # --- judging ------------------------------------------------------------------------------------

    def _summary(self, seconds: float) -> dict[str, Any]:
        truth = self._world.do("truth")
        plant, library = truth["devices"]["belt"], truth["devices"]["library"]
        told = self._status()
        believed = {item: self._line.request("item", item=item) for item in self._fed}
        checked_in = [a["item"] for a in library["asked"] if a["message"] == "09"]
        paper = {
            role: [job["texts"] for job in truth["devices"][role]["jobs"]]
            for role in ("inlet_printer", "printer")
        }
        where = {item: plant["items"][item]["bin"] for item in self._fed}
        failures = prove(where, plant["bins"], believed, told, checked_in, paper)
        return {
            "ok": not failures,
            "failures": failures,
            "seconds": round(seconds, 3),
            "steps": self._steps,
            "items": {
                item: {"bin": where[item], "cause": _cause(believed[item])} for item in self._fed
            },
            "bins": {
                number: {"crate": crate["crate"], "items": crate["items"]}
                for number, crate in plant["bins"].items()
            },
            "exceptions": {
                item: _cause(found)
                for item, found in believed.items()
                if _cause(found) not in {"", "none"}
            },
            "mis_sorts": len(astray(where, believed)),
            "check_ins": {item: checked_in.count(item) for item in self._fed},
            "refused_at_the_gate": [
                name for name, thing in plant["items"].items() if thing["where"] == "hands"
            ],
            "counts": told["counts"],
            "printed": paper,
            "pictures": sorted(path.name for path in self._out.glob("*.png")),
        }


def _nothing() -> None:
    """The step before leads here by itself."""


def _cause(found: Any) -> str:
    why = found.get("why")
    return str(why["cause"]) if why else ""


def astray(where: dict[str, int], believed: dict[str, Any]) -> list[str]:
    """Items that lie neither where they belong nor aside with a cause."""
    return [
        item
        for item, bin in where.items()
        if bin != WANTED[item] and not (bin in ASIDE and _cause(believed[item]) not in {"", "none"})
    ]


def prove(
    where: dict[str, int],
    bins: dict[str, Any],
    believed: dict[str, Any],
    told: dict[str, Any],
    checked_in: list[str],
    paper: dict[str, list[list[str]]],
) -> list[str]:
    """What the world says is not as it should be, or not as the line says; nothing, when the morning was true."""
    failures = [
        f"{item} lies in bin {where[item]} and belongs in {WANTED[item]}"
        for item in astray(where, believed)
    ]
    numbers = {name: bin["number"] for name, bin in told["bins"].items()}
    for item, found in believed.items():
        place = found["where"]
        if place is None or numbers.get(place["bin"]) != where[item]:
            failures.append(f"the line says {item} lies in {place and place['bin']}")
        times = checked_in.count(item)
        if times != 1 and not (times == 0 and _cause(found) in NEVER_ASKED):
            failures.append(f"{item} was checked in {times} times")
    if extra := sorted(set(checked_in) - set(where)):
        failures.append(f"checked in and never handed in: {', '.join(extra)}")
    for name, bin in told["bins"].items():
        lies = len(bins[str(bin["number"])]["items"])
        if bin["count"] != lies:
            failures.append(f"the line counts {bin['count']} in {name}; there lie {lies}")
    counts = told["counts"]
    off = counts["lost"] + counts["removed"]
    if counts["confirmed"] != len(where) or counts["inducted"] - off != len(where):
        failures.append(f"{len(where)} items came to a bin; the line counts {counts}")
    lines = [line for jobs in paper.values() for job in jobs for line in job]
    if not any(HELD in line for job in paper["printer"] for line in job):
        failures.append("no slip names the item that is held")
    if not any("Lykke-Per" in line for job in paper["inlet_printer"] for line in job):
        failures.append("the receipt does not name what was handed in")
    failures += [
        f"a person stands on paper: {line}"
        for line in lines
        if any(name in line for name in PEOPLE)
    ]
    return failures
