"""What `ims crate` says, in the language of the station that it asks: answers, and what to do where it is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.texts import Catalogue, Channel, Text, text
from sorter.ims.crates import Said
from sorter.ims.handling import REFUSED
from sorter.ims.happened import Happened, What
from sorter.ims.words import happened_words
from ui.outcome import Exit, Fault

Answer = dict[str, Any]
YES = frozenset({"ja", "j", "yes", "y"})


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._catalogue = Catalogue.load()

    def __call__(self, key: str, **args: Any) -> str:
        return self.say(text(f"desk.{key}", **args))

    def say(self, what: Text) -> str:
        """Any text of the catalogue."""
        return self._catalogue.say(what, self._language, Channel.PAPER)

    def known(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._catalogue

    def yes(self, answer: str) -> bool:
        """Whether somebody said yes."""
        return answer.strip().lower() in YES | {self("yes")}

    # --- refusals -----------------------------------------------------------------------------------

    def unknown(self, key: str, *, code: str, where: str) -> Fault:
        """Nobody knows that crate or item."""
        return Fault(Exit.REFUSED, code=code, what=self(key), where=where, do=self(f"{key}.do"))

    def refused(self, done: Answer) -> Fault | None:
        """Why nothing has changed; None where something has."""
        said, label, place = Said(done["said"]), done["crate"], done["place"]
        if said is Said.UNKNOWN_CRATE:
            return self.unknown("unknown", code="crate.unknown", where=label)
        if said not in REFUSED:
            return None
        what, do = said.value, f"{said.value}.do"
        return Fault(
            Exit.REFUSED,
            code=f"crate.{said.value}",
            what=self(what) if said is Said.NOTHING_SCANNED else self(what, place=place),
            where=label,
            do=self(do, place=place) if said is Said.AT_OTHER_BRANCH else self(do),
        )

    # --- what was done ------------------------------------------------------------------------------

    def done(self, done: Answer) -> str:
        """A crate was received, sent or emptied, or must go on."""
        lines = [self._done(done)]
        if done["said"] in {Said.RECEIVED, Said.RECEIVED_ELSEWHERE}:
            gone = {*done["missing"]}
            lines += [f"  {item}" for item in done["items"] if item not in gone]
            lines += [f"  {self('missing', item=item)}" for item in done["missing"]]
            by_hand = done.get("by_hand", False)
            lines += [
                f"  {item}" if by_hand else f"  {self('surplus', item=item)}"
                for item in done["surplus"]
            ]
        if done["said"] != Said.SENT:
            lines += [f"  {self._onward(one)}" for one in done["onward"]]
        return "\n".join(lines)

    def _done(self, done: Answer) -> str:
        crate, branch, n = done["crate"], done["branch"], len(done["items"])
        match Said(done["said"]):
            case Said.SENT:
                return self("sent", crate=crate, branch=branch)
            case Said.EMPTIED:
                return self("emptied", crate=crate, branch=branch)
            case Said.RECEIVED_ELSEWHERE:
                to = {"crate": crate, "place": done["for"], "branch": branch, "n": n}
                by = _by(done["by"], done["for"])
                return self("elsewhere.by", by=by, **to) if by else self("elsewhere", **to)
            case _ if done.get("by_hand"):
                return self("received.by_hand", crate=crate, branch=branch, n=len(done["surplus"]))
            case _:
                return self("received", crate=crate, branch=branch, n=n)

    def _onward(self, one: Mapping[str, Any]) -> str:
        item, to = one["item"], one["destination"]
        by = _by(one["by"], to)
        if by:
            return self("onward.by", item=item, place=to, by=by)
        return self("onward", item=item, place=to)

    # --- what was looked for ------------------------------------------------------------------------

    def crate(self, found: Answer) -> str:
        """Where a crate is and what lies in it."""
        place, chute, point = found["branch"], found["chute"], found["point"]
        if point:
            place = self("at_point", place=place, chute=chute, point=point)
        elif chute:
            place = self("at_chute", place=place, chute=chute)
        if found["destination"]:
            place = self("bound", what=place, place=found["destination"])
        state = self(f"state.{found['state']}")
        at = _local(found["since"])
        lines = [self("crate", crate=found["crate"], state=state, place=place, at=at)]
        lines.append(self("holds", n=len(found["items"])))
        for one in found["items"]:
            line = self("line", item=one["item"], at=_local(one["since"]), rule=one["rule"] or "-")
            to = one["destination"]
            lines.append("  " + (self("bound", what=line, place=to) if to else line))
        return "\n".join(lines)

    def item(self, found: Answer) -> str:
        """Where an item is, why, and all that happened to it."""
        lines: list[str] = []
        moving, where, why = found["on_belt"], found["where"], found["why"]
        if moving is not None:
            bin = moving["bin_name"] or moving["bin"]
            where_to = text("panel.story.moving_to", bin=bin) if bin else text("panel.story.moving")
            lines.append(f"{found['item']}: {self.say(where_to)}")
        if where is not None:
            lies = self._lies(found["item"], where)
            lines.append(self("since", what=lies, at=_local(where["since"])))
        if why is not None and why["rule"]:
            lines.append(self("rule", rule=why["rule"]))
            lines += [f"  {name} = {value}" for name, value in why["facts"].items() if value != ""]
        elif why is not None:
            lines.append(self("no_rule"))
        cause = "" if why is None else self._cause(why["cause"])
        if cause:
            lines.append(self("cause", what=cause))
        if found["history"]:
            lines.append(self("happened"))
            lines += [
                f"  {_local(one['at'])}  {self.say(happened_words(_happened(one)))}"
                for one in found["history"]
            ]
        return "\n".join(lines)

    def _lies(self, item: str, where: Mapping[str, Any]) -> str:
        place, bin = where["branch"], where["bin"]
        beside = where.get("beside", "")
        bin = bin or beside
        if where["bin_name"]:
            bin = f"{bin} ({where['bin_name']})"
        if where["crate"]:
            if where["chute"]:
                place = self("at_chute", place=place, chute=where["chute"])
            if bin:
                place = self("in_bin", place=place, bin=bin)
            known = where["crate_state"]
            state = self(f"state.{known}") if known else "-"
            lies = self("lies.crate", item=item, crate=where["crate"], state=state, place=place)
        elif beside:
            lies = self("lies.beside", item=item, place=place, bin=bin)
        elif bin:
            lies = self("lies.bin", item=item, place=place, bin=bin)
        else:
            lies = self("lies.nowhere", item=item, place=place)
        to = where["destination"]
        return self("bound", what=lies, place=to) if to else lies

    def _cause(self, cause: str) -> str:
        if cause == "missing":
            return self("cause.missing")
        key = f"sorter.cause.{cause}"
        return self.say(text(key)) if self.known(key) else ""

    def points(self, found: Answer) -> str:
        """Sorting points, their chutes, and how the branches exchange."""
        lines = []
        for point in found["points"]:
            at = _local(point["since"])
            lines.append(self("point", point=point["point"], branch=point["branch"], at=at))
            for chute in point["chutes"]:
                line = self(
                    "point.chute", chute=chute["label"], n=chute["number"], bin=chute["bin"]
                )
                if chute["destination"]:
                    line = self("bound", what=line, place=chute["destination"])
                lines.append(f"  {line}: {chute['crate'] or self('no_crate')}")
        if found["branches"]:
            names = ", ".join(
                self("plant", branch=one["name"]) if one["plant"] else one["name"]
                for one in found["branches"]
            )
            central = found["central"]
            lines.append(
                self("exchange.central", place=central, names=names)
                if central
                else self("exchange", names=names)
            )
        return "\n".join(lines) or self("no_point")


def _by(by: str, to: str) -> str:
    """By which branch something goes, where that is another than the one that it is for."""
    return by if by != to else ""


def _happened(one: Mapping[str, Any]) -> Happened:
    return Happened(
        What(one["what"]),
        datetime.fromisoformat(one["at"]),
        one["branch"],
        crate=one["crate"],
        chute=one["chute"],
        destination=one["destination"],
        bin=one["bin"],
    )


def _local(at: str | None) -> str:
    return "-" if at is None else f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
