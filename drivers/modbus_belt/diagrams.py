"""Pictures of the contract, drawn from its tables: the states, and signals in time as lanes.

SVG with every text as text, so that it prints at any size and can be read aloud.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from drivers.modbus_belt import contract
from drivers.ports import Pack

_INK, _SOFT, _PAGE, _LANE, _ACTING = "#1A1A1A", "#5A5A5A", "#FFFFFF", "#CFE0D4", "#FDF0CF"


def _canvas(title: str, width: int, height: int) -> Element:
    svg = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=str(width),
        height=str(height),
        role="img",
    )
    SubElement(svg, "title").text = title
    defs = SubElement(svg, "defs")
    head = SubElement(
        defs, "marker", id="head", viewBox="0 0 8 8", refX="7", refY="4", markerWidth="7",
        markerHeight="7", orient="auto-start-reverse",
    )  # fmt: skip
    SubElement(head, "path", d="M0 0 L8 4 L0 8 z", fill=_INK)
    SubElement(svg, "rect", width=str(width), height=str(height), fill=_PAGE)
    return svg


def _text(
    svg: Element,
    x: float,
    y: float,
    said: str,
    *,
    size: int = 13,
    fill: str = _INK,
    anchor: str = "start",
) -> None:
    text = SubElement(svg, "text", x=f"{x:g}", y=f"{y:g}", fill=fill)
    text.set("font-family", "Noto Sans, sans-serif")
    text.set("font-size", str(size))
    text.set("text-anchor", anchor)
    text.text = said


def _box(svg: Element, x: float, y: float, width: float, height: float, fill: str) -> None:
    SubElement(
        svg, "rect", x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{height:g}", rx="5",
        fill=fill, stroke=_INK,
    )  # fmt: skip


def _line(svg: Element, *points: tuple[float, float], dashed: bool = False, head: bool = False) -> None:  # fmt: skip
    d = "M" + " L".join(f"{x:g} {y:g}" for x, y in points)
    line = SubElement(svg, "path", d=d, fill="none", stroke=_SOFT if dashed else _INK)
    if dashed:
        line.set("stroke-dasharray", "3 3")
    if head:
        line.set("marker-end", "url(#head)")


# --- states -------------------------------------------------------------------------------------------

_PLACES: Mapping[Pack, tuple[int, int]] = {
    Pack.HELD: (2, 0),
    Pack.UNHOLDING: (1, 0),
    Pack.HOLDING: (3, 0),
    Pack.IDLE: (0, 1),
    Pack.STARTING: (1, 1),
    Pack.EXECUTE: (2, 1),
    Pack.COMPLETING: (3, 1),
    Pack.COMPLETE: (4, 1),
    Pack.UNSUSPENDING: (1, 2),
    Pack.SUSPENDED: (2, 2),
    Pack.SUSPENDING: (3, 2),
    Pack.RESETTING: (0, 3),
    Pack.STOPPED: (0, 4),
    Pack.STOPPING: (0, 5),
    Pack.CLEARING: (1, 4),
    Pack.ABORTED: (2, 4),
    Pack.ABORTING: (3, 4),
}
"""Column and row of each state in the drawing."""
_STEP_X, _STEP_Y, _W, _H, _LEFT, _TOP = 196, 104, 132, 50, 30, 70


def _corner(pack: Pack) -> tuple[int, int]:
    column, row = _PLACES[pack]
    return _LEFT + column * _STEP_X, _TOP + row * _STEP_Y


@dataclass(frozen=True, slots=True)
class States:
    """The diagram of states. Stop and Abort, which lead from nearly all, are said in words."""

    title: str = "PackML states"
    words: str = ""

    def draw(self) -> str:
        svg = _canvas(self.title, 980, 700)
        _text(svg, _LEFT, 34, "PackML states: number, name, and what leads on", size=18)
        drawn: set[tuple[Pack, Pack]] = set()
        for arrow in contract.TRANSITIONS:
            pair = (arrow.before, arrow.after)
            if arrow.after in {Pack.STOPPING, Pack.ABORTING} or pair in drawn:
                continue
            drawn.add(pair)
            causes = [t.cause for t in contract.TRANSITIONS if (t.before, t.after) == pair]
            self._arrow(svg, pair, causes)
        for pack in Pack:
            x, y = _corner(pack)
            acting = any(t.before is pack and t.cause == "done" for t in contract.TRANSITIONS)
            _box(svg, x, y, _W, _H, _ACTING if acting else _LANE)
            _text(svg, x + _W / 2, y + 21, str(int(pack)), size=15, anchor="middle")
            _text(svg, x + _W / 2, y + 40, pack.name.capitalize(), size=14, anchor="middle")
        notes = (
            "Stop leads to Stopping (7) from every state but 1, 2, 7, 8 and 9. "
            "Suspended (5) stops too when the host is silent for 30 s.",
            "Abort leads to Aborting (8) from every state but 8 and 9; so do a jam, a drive fault, a guard, and "
            "the safety chain. Yellow states end by themselves.",
        )
        for n, note in enumerate(notes):
            _text(svg, _LEFT, 664 + 20 * n, note, size=13, fill=_SOFT)
        return tostring(svg, encoding="unicode") + "\n"

    def _arrow(self, svg: Element, pair: tuple[Pack, Pack], causes: list[str]) -> None:
        (ax, ay), (bx, by) = _corner(pair[0]), _corner(pair[1])
        words = [c for c in causes if c != "done"]
        short = next((w for w in words if " " not in w), "")
        caused = "or a cause" if any(" " in w for w in words) else ""
        if ay == by and abs(ax - bx) == _STEP_X:
            right = bx > ax
            y = ay + _H / 2
            start, end = (ax + _W, bx) if right else (ax, bx + _W)
            _line(svg, (start, y), (end, y), head=True)
            _text(svg, (start + end) / 2, y - 6, short, size=11, anchor="middle")
            _text(svg, (start + end) / 2, y + 15, caused, size=11, anchor="middle")
        elif pair == (Pack.COMPLETE, Pack.RESETTING):
            x = ax + _W / 2
            _line(svg, (x, ay + _H), (x, by + _H / 2), (bx + _W, by + _H / 2), head=True)
            _text(svg, bx + _W + 30, by + _H / 2 - 6, short, size=11)
        else:
            down = by > ay
            x0 = ax + _W / 2
            x1 = bx + _W / 2
            y0, y1 = (ay + _H, by) if down else (ay, by + _H)
            _line(svg, (x0, y0), (x1, y1), head=True)
            y = (y0 + y1) / 2 + (-4 if down else 14)
            _text(svg, (x0 + x1) / 2 + 8, y, " ".join(filter(None, (short, caused))), size=11)


# --- signals in time ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lane:
    """One signal: its name, and from which time on it has which value."""

    name: str
    values: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """Signals under each other over one axis of time."""

    title: str
    words: str
    unit: str
    end: float
    ticks: tuple[float, ...]
    lanes: tuple[Lane, ...]

    def draw(self) -> str:
        left, right, top, step, tall = 170, 960, 64, 42, 28
        svg = _canvas(self.title, 980, top + len(self.lanes) * step + 44)

        def at(time: float) -> float:
            return left + (right - left) * time / self.end

        _text(svg, 20, 32, self.title, size=18)
        foot = top + len(self.lanes) * step
        for tick in self.ticks:
            _line(svg, (at(tick), top - 8), (at(tick), foot), dashed=True)
            _text(svg, at(tick), foot + 18, f"{tick:g}", size=12, anchor="middle", fill=_SOFT)
        _text(svg, 20, foot + 18, self.unit, size=12, fill=_SOFT)
        for n, lane in enumerate(self.lanes):
            y = top + n * step
            _text(svg, 20, y + 19, lane.name, size=13)
            ends = [time for time, _ in lane.values[1:]] + [self.end]
            for (time, value), end in zip(lane.values, ends, strict=True):
                if value:
                    _box(svg, at(time), y, at(end) - at(time), tall, _LANE)
                    middle = (at(time) + at(end)) / 2
                    _text(svg, middle, y + 19, value, size=12, anchor="middle")
                else:
                    _line(svg, (at(time), y + tall / 2), (at(end), y + tall / 2))
        return tostring(svg, encoding="unicode") + "\n"


DIAGRAMS: Mapping[str, States | Timing] = {
    "states": States(),
    "heart-beat": Timing(
        "Heart-beats and the PLC's watchdog",
        "The host writes a new `host_hb` in every cycle; the PLC copies what it saw to `host_hb_echo`. Times are seconds after"
        " the host fell silent. What lies on the belt runs on in Suspending and Suspended: it keeps the destination that it has, or"
        " goes to the default bin. The PLC's own `plc_hb` counts with every scan; a host that sees it stand for 1 s takes the link"
        " for down. Both are read back, since each side must know that it is heard.",
        "s", 3.5, (0.0, 1.0, 1.5, 2.5, 3.0),
        (
            Lane("host_hb", ((0, "511, stands still"), (2.5, "512, 513, … a cycle each"))),
            Lane("host_hb_echo", ((0, "511"), (2.55, "512, 513, …"))),
            Lane("plc_hb", ((0, "counts with every scan"),)),
            Lane("sign host_alive", ((0, "1"), (1.0, ""), (2.55, "1"))),
            Lane("state", ((0, "6 Execute"), (1.0, "13"), (1.5, "5 Suspended"), (2.55, "14"), (3.0, "6"))),
            Lane("sign inlet_open", ((0, "1"), (1.0, ""), (3.0, "1"))),
            Lane("belt", ((0, "moves"),)),
            Lane("events", ((0, ""), (1.0, "HOST 1"), (1.45, ""), (2.55, "HOST 2"), (3.0, ""))),
        ),
    ),
    "ring": Timing(
        "The event ring and its window",
        "Cycles of the host. Three events happen at once; the host shows by `ev_ack` what is on its disk. An answer is lost in"
        " cycle 3: the host asks again, and the window is the same, since `ev_ack` is. An event disappears from the window only when"
        " it is acknowledged.",
        "cycle", 6, (0, 1, 2, 3, 4, 5),
        (
            Lane("happens", ((0, ""), (0.4, "41, 42, 43"), (1.2, ""), (3.3, "44"), (3.8, ""))),
            Lane("ev_head", ((0, "40"), (0.4, "43"), (3.3, "44"))),
            Lane("host writes ev_ack", ((0, "40"), (1, "40"), (2, "42"), (3, "42"), (4, "43"), (5, "44"))),
            Lane("ev_base", ((0, "40"), (2.2, "42"), (4.2, "43"), (5.2, "44"))),
            Lane("window shows", ((0, ""), (0.4, "41 42 43"), (2.2, "43"), (3.3, "43 44"), (4.2, "44"), (5.2, ""))),
            Lane("host takes", ((0, ""), (1.2, "41, 42, 43"), (2, "(known)"), (3, "no answer"), (4, "44"), (5, ""))),
            Lane("on the host's disk", ((0, "40"), (1.7, "42"), (3.0, "43"), (4.6, "44"))),
        ),
    ),
    "destinations": Timing(
        "The destination table",
        "One item, in seconds after its front passed the induct eye, on a belt of 0.5 m/s. The host may write the slot as often as"
        " it likes; the PLC looks at it when the item reaches a divert, and not before. The write that stands when the item gets there"
        " is what counts. Without a valid slot the item goes to the default bin, and LATE says so.",
        "s", 6, (0.0, 0.6, 1.0, 1.6, 2.8, 4.4, 5.0),
        (
            Lane("item", ((0, "at the inlet"), (0.6, "reader"), (1.0, "on its way"), (2.0, "divert 1"), (2.8, "divert 2"), (3.6, "divert 3"), (4.4, "divert 4"), (5.2, ""))),
            Lane("event", ((0, ""), (0.45, "1"), (0.6, "2"), (1.0, ""), (1.4, "3"), (1.8, ""), (4.4, "5"), (4.8, "6"), (5.2, ""))),
            Lane("slot 5: tid", ((0, "5, of an item long gone"), (1.6, "37"))),
            Lane("slot 5: dest", ((0, "2"), (1.6, "4"))),
            Lane("slot 5: alt", ((0, "0"), (1.6, "8"))),
            Lane("slot 5: tid again", ((0, "5"), (1.6, "37"))),
            Lane("the PLC reads", ((0, ""), (2.0, "not here"), (2.8, "not here"), (3.6, "not here"), (4.4, "4: fire"), (5.2, ""))),
        ),
    ),
    "mailbox": Timing(
        "The command mailbox",
        "Cycles of the host. Command 7 is given once and written twice, for the first answer was lost: it is carried out once."
        " Command 8 comes in the wrong state; it is answered and changes nothing.",
        "cycle", 6, (0, 1, 2, 3, 4, 5),
        (
            Lane("cmd_seq, cmd_chk", ((0, "6"), (1, "7"), (2, "7, written again"), (4, "8"))),
            Lane("cmd_code", ((0, "3"), (1, "1 Reset"), (4, "5 Unhold"))),
            Lane("PLC does", ((0, ""), (1.1, "takes 7"), (1.6, ""), (4.1, "refuses 8"), (4.8, ""))),
            Lane("cmd_ack", ((0, "6"), (1.2, "7"), (4.2, "8"))),
            Lane("cmd_result", ((0, "0"), (1.15, "0 ok"), (4.15, "1 wrong state"))),
            Lane("state", ((0, "2 Stopped"), (1.2, "15 Resetting"), (2.6, "4 Idle"))),
        ),
    ),
}  # fmt: skip
"""By the name of its file in docs/plc."""
