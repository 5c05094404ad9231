"""What was printed between two cuts: the report that proofs compare with what should have been printed."""

from dataclasses import dataclass, field

from hw_sim.letters import Style
from hw_sim.paper import CutKind

LARGEST_LOG = 1024 * 1024
"""Bytes of the log kept for one job."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters of one style."""

    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Line:
    """One printed text line; empty for a line feed alone."""

    runs: tuple[Run, ...]
    wrapped: bool = False
    """The line was full and went on below."""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR code or barcode: its kind ("qr", "code128", "barcode 67") and what a scanner would read."""

    kind: str
    payload: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it was sent, before doubling: dots across and down."""

    width: int
    height: int
    clipped: bool = False
    """Wider than the head: the right part was lost."""


@dataclass(frozen=True, slots=True)
class Cut:
    kind: CutKind


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes the printer could not follow, and where in the stream since power-on they stood."""

    offset: int
    raw: bytes


Content = Line | Symbol | Picture | Cut | Unknown


@dataclass(frozen=True, slots=True)
class Step:
    """One motion of the paper: rows that are printed, and what stands on the paper after them."""

    rows: tuple[bytes, ...] = ()
    content: Content | None = None


@dataclass(slots=True)
class Job:
    """Everything between two cuts."""

    number: int
    contents: list[Content] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    log: bytearray = field(default_factory=bytearray)
    cut: CutKind | None = None

    def add(self, step: Step) -> None:
        self.rows.extend(step.rows)
        match step.content:
            case None:
                pass
            case Cut(kind):
                self.cut = kind
            case content:
                self.contents.append(content)

    def remember(self, raw: bytes) -> None:
        self.log += raw[: LARGEST_LOG - len(self.log)]

    @property
    def empty(self) -> bool:
        return not self.rows and not self.contents

    @property
    def lines(self) -> list[Line]:
        return [c for c in self.contents if isinstance(c, Line)]

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]

    @property
    def runs(self) -> list[Run]:
        return [run for line in self.lines for run in line.runs]

    @property
    def symbols(self) -> list[Symbol]:
        return [c for c in self.contents if isinstance(c, Symbol)]

    @property
    def qr(self) -> list[str]:
        return [s.payload for s in self.symbols if s.kind == "qr"]

    @property
    def pictures(self) -> list[Picture]:
        return [c for c in self.contents if isinstance(c, Picture)]

    @property
    def unknown(self) -> list[Unknown]:
        return [c for c in self.contents if isinstance(c, Unknown)]

    @property
    def too_wide(self) -> int:
        """Lines and images that did not fit the head."""
        return sum(line.wrapped for line in self.lines) + sum(p.clipped for p in self.pictures)

    def report(self, dots_a_mm: float) -> dict[str, object]:
        """The job as JSON types."""
        return {
            "number": self.number,
            "texts": self.texts,
            "qr": self.qr,
            "barcodes": [
                {"kind": s.kind, "data": s.payload} for s in self.symbols if s.kind != "qr"
            ],
            "images": [[p.width, p.height] for p in self.pictures],
            "unknown": [{"offset": u.offset, "bytes": u.raw.hex(" ")} for u in self.unknown],
            "too_wide": self.too_wide,
            "cut": self.cut,
            "mm": round(len(self.rows) / dots_a_mm, 1),
            "bytes": len(self.log),
        }
