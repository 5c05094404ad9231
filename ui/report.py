"""The month as a table that a spreadsheet opens, and as a picture. Words by key, numbers from the counts alone."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from config.texts import Catalogue, Channel, Text, text
from drivers.service.statistics import HOURS, LENGTHS_S, Month, VisitEnd, What, share

ITEMS = (What.LOAN, What.RETURN, What.RENEWAL)
INK, PAPER, GREEN, LIGHT, RED = "#1A1A1A", "#F6F5F0", "#1F4F3A", "#8FB8A3", "#B3152B"
COLOURS = {What.LOAN: GREEN, What.RETURN: LIGHT, What.RENEWAL: "#E7C1AC"}
MOST_CAUSES = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what, by which division, of which value, how many."""

    what: str
    by: str
    value: str
    number: float


class Report:
    """One month in one language.

    Args:
        month: its figures.
        stations: whose they are.
        catalogue: the words.
        language: in which.
        library: by What, the library's own figure for the month, all ways of service together.
    """

    def __init__(
        self,
        month: Month,
        stations: tuple[str, ...],
        catalogue: Catalogue,
        language: str,
        library: Mapping[What, int],
    ) -> None:
        self.month = month
        self._stations = stations
        self._catalogue = catalogue
        self._language = language
        self._library = library

    def lines(self) -> Iterator[Line]:
        """The whole table."""
        month = self.month
        for what in (*ITEMS, What.VISIT):
            yield self._line(what, "all", "", month.total(what))
        for what, figure in self._library.items():
            part = share(month.total(what), figure)
            if part is not None:
                of = self._say(text("report.by.library", n=figure))
                name = self._say(text("report.what.share"))
                yield Line(name, self._what(what), of, round(100 * part, 1))
        for what in ITEMS:
            for value, number in self._types(what):
                yield self._line(what, "type", value, number)
        for what in (*ITEMS, What.VISIT):
            for hour in HOURS:
                number = month.by_hour[what][hour]
                if number:
                    yield self._line(what, "hour", f"{hour:02}-{hour + 1:02}", number)
        for value, number in self._causes():
            yield self._line(What.REFUSED, "cause", value, number)
        for end in VisitEnd:
            if number := month.visits.get(end.value, 0):
                yield self._line(What.VISIT, "end", self._key(f"report.end.{end.value}"), number)
        for length in (*map(str, LENGTHS_S), "longer"):
            if number := month.lengths.get(length, 0):
                yield self._line(What.VISIT, "length", self._key(f"report.length.{length}"), number)
        if month.mean_seconds is not None:
            yield self._line(What.VISIT, "mean", "", round(month.mean_seconds, 1))
        if month.total(What.PAYMENT):
            yield self._line(What.PAYMENT, "all", "", month.total(What.PAYMENT))
            yield self._line(What.PAID, "all", "", round(month.paid / 100, 2))
        for form, number in month.receipts.items():
            yield self._line(What.RECEIPT, "form", self._key(f"report.form.{form}"), number)

    def write_csv(self, path: Path) -> int:
        """The table as a spreadsheet of the language reads it by itself; how many lines it has.

        Semicolons, a byte order mark and, but for English, the comma in fractions: what double-clicking expects.
        """
        heads = ("month", "stations", "what", "by", "value", "number")
        stations = " ".join(self._stations)
        lines = list(self.lines())
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            table = csv.writer(out, delimiter=";")
            table.writerow(self._key(f"report.head.{head}") for head in heads)
            for line in lines:
                number = self._number(line.number)
                table.writerow((self.month.month, stations, line.what, line.by, line.value, number))
        return len(lines)

    def draw(self, path: Path) -> None:
        """The picture: hours, types, causes, and what else there is to say. Raises ImportError without matplotlib."""
        import matplotlib as mpl

        mpl.use("agg")
        from matplotlib import font_manager, pyplot

        with as_file(files("ui") / "fonts" / "NotoSans-Regular.ttf") as font:
            font_manager.fontManager.addfont(font)
            look: Any = {
                "font.family": "Noto Sans",
                "font.size": 10,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.edgecolor": INK,
                "figure.facecolor": PAPER,
                "axes.facecolor": PAPER,
                "text.color": INK,
            }
            with mpl.rc_context(look):
                figure = pyplot.figure(figsize=(11.7, 8.3), dpi=110, layout="constrained")
                grid = figure.subplot_mosaic(
                    [["hours", "hours"], ["types", "causes"]], height_ratios=(1, 1.1)
                )
                title = self._say(text("report.title", month=self.month.month))
                figure.suptitle(self._headline(title), ha="left", x=0.01, fontsize=13)
                self._draw_hours(grid["hours"])
                self._draw_types(grid["types"])
                self._draw_bars(
                    grid["causes"],
                    self._key("report.what.refused"),
                    self._causes()[:MOST_CAUSES],
                    RED,
                )
                figure.savefig(path, metadata={"Software": None} if path.suffix == ".png" else None)
                pyplot.close(figure)

    # --- drawing

    def _headline(self, title: str) -> str:
        said = [f"{self._what(w)} {self.month.total(w)}" for w in (*ITEMS, What.VISIT)]
        for what, figure in self._library.items():
            part = share(self.month.total(what), figure)
            if part is not None:
                name = self._key("report.what.share")
                said.append(
                    f"{name}, {self._what(what).lower()} {self._number(round(100 * part, 1))}"
                )
        return f"{title} · {' '.join(self._stations)}\n" + "   ".join(said)

    def _draw_hours(self, axes: Any) -> None:
        for n, what in enumerate(ITEMS):
            at = [hour + (n - 1) * 0.28 for hour in HOURS]
            axes.bar(
                at, self.month.by_hour[what], 0.28, color=COLOURS[what], label=self._what(what)
            )
        busy = [hour for what in ITEMS for hour in HOURS if self.month.by_hour[what][hour]] or [12]
        axes.set_xticks(list(HOURS))
        axes.set_xlim(min(busy) - 0.7, max(busy) + 0.7)
        axes.set_title(
            f"{self._key('report.by.hour')} · {self._key('report.days')}", loc="left", fontsize=10
        )
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.legend(frameon=False, ncols=3, loc="upper left")

    def _draw_types(self, axes: Any) -> None:
        names = list(dict.fromkeys(value for what in ITEMS for value, _ in self._types(what)))
        for n, what in enumerate(ITEMS):
            found = dict(self._types(what))
            at = [place + (n - 1) * 0.28 for place in range(len(names))]
            shown = axes.barh(at, [found.get(name, 0) for name in names], 0.28, color=COLOURS[what])
            axes.bar_label(shown, fmt=lambda x: f"{x:.0f}" if x else "", padding=2, fontsize=8)
        axes.set_yticks(range(len(names)), names)
        self._tidy(axes, self._key("report.by.type"))

    def _draw_bars(self, axes: Any, title: str, rows: list[tuple[str, int]], colour: str) -> None:
        shown = axes.barh([name for name, _ in rows], [n for _, n in rows], 0.6, color=colour)
        axes.bar_label(shown, padding=2, fontsize=8)
        self._tidy(axes, title)

    def _tidy(self, axes: Any, title: str) -> None:
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_title(title, loc="left", fontsize=10)

    # --- words

    def _line(self, what: What, by: str, value: str, number: float) -> Line:
        return Line(self._what(what), self._key(f"report.by.{by}"), value, number)

    def _types(self, what: What) -> list[tuple[str, int]]:
        rows = sorted(self.month.by_type[what].items(), key=lambda row: (row[0] == "rare", -row[1]))
        return [(self._media(kind), number) for kind, number in rows if number]

    def _causes(self) -> list[tuple[str, int]]:
        rows = sorted(self.month.refused.items(), key=lambda row: (-row[1], row[0]))
        return [(self._cause(kind), number) for kind, number in rows]

    def _cause(self, kind: str) -> str:
        asked, _, reason = kind.partition(".")
        if asked == "sign_in":
            words = self._key("report.wrong_sign_in")
        elif f"reason.{reason}" in self._catalogue:
            words = self._key(f"reason.{reason}")
        else:
            words = reason or self._key("report.unnamed")
        return self._say(text(f"report.asked.{asked}", reason=words))

    def _media(self, kind: str) -> str:
        key = f"report.media.{kind}"
        return self._key(key) if key in self._catalogue else kind

    def _what(self, what: What) -> str:
        return self._key(f"report.what.{what.value}")

    def _key(self, key: str) -> str:
        return self._say(text(key))

    def _say(self, words: Text) -> str:
        return self._catalogue.say(words, self._language, Channel.PAPER)

    def _number(self, number: float) -> str:
        said = str(number)
        return said if self._language == "en" else said.replace(".", ",")
