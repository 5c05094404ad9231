"""The conformance test holds the reference program to the contract, and finds what is broken in one that is not."""

import asyncio
from collections.abc import Callable

import pytest

from drivers.modbus_belt.conformance import CHECKS, Needs, Report, Verdict
from drivers.modbus_belt.conforming import Conformance
from drivers.modbus_belt.contract import EVENTS
from drivers.modbus_belt.registers import BY_NAME
from hw_sim.simloop import SimLoop
from tests.conftest import Heard
from tests.unit.plc.machine import SOURCE, Bench


@pytest.fixture(autouse=True)
def _wire_troubles(heard: Heard) -> None:
    heard.expect("belt.drained", "belt.lost")


def judged(
    bench: Bench,
    *,
    move: bool = False,
    lay: bool = True,
    answer_s: float = 0.1,
    mend: Callable[[Bench], None] = lambda _: None,
) -> Report:
    """One run against a bench; somebody lays a book down when asked to."""

    async def all_of_it() -> Report:
        wire = bench.served()
        mend(bench)
        running = asyncio.create_task(bench.run())
        run = Conformance(
            wire, move=move, answer_s=answer_s, ask=lambda _: bench.lay() if lay else None
        )
        try:
            async with asyncio.timeout(600):
                return await run.run()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(all_of_it())


def verdicts(report: Report) -> dict[str, Verdict]:
    return {f.check.id: f.verdict for f in report.findings}


def test_every_check_names_registers_that_are_and_a_page_that_is() -> None:
    for check in CHECKS:
        assert set(check.registers) <= set(BY_NAME), check.id
        page, _, heading = check.section.partition("#")
        text = (SOURCE.parent / page).read_text(encoding="utf-8")
        headings = {
            "".join(c for c in line.lower().lstrip("# ") if c.isalnum() or c in " -_").replace(
                " ", "-"
            )
            for line in text.splitlines()
            if line.startswith("#")
        }
        assert not heading or heading in headings, check.section
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert EVENTS


def test_the_reference_program_keeps_the_contract() -> None:
    report = judged(Bench(), move=True)
    assert [(f.check.id, f.verdict, f.seen) for f in report.findings if f.verdict is not Verdict.KEPT] == []  # fmt: skip
    assert report.ok


def test_without_leave_nothing_moves_and_it_is_said_why() -> None:
    bench = Bench()
    report = judged(bench)
    assert bench.plc["InEncoder"] == 0
    assert bench["state"] == 2
    for finding in report.findings:
        if finding.check.needs is Needs.MOVE:
            assert finding.verdict is Verdict.NOT_RUN
            assert "--move" in finding.seen
        else:
            assert finding.verdict is Verdict.KEPT, finding


def test_nobody_lays_a_book() -> None:
    report = judged(Bench(), move=True, lay=False)
    assert verdicts(report)["destination"] is Verdict.NOT_RUN


def test_an_open_safety_chain_is_said_and_nothing_is_moved() -> None:
    bench = Bench()
    bench.plc["InEStop"] = True
    report = judged(bench, move=True)
    assert bench.plc["InEncoder"] == 0
    (start,) = (f for f in report.findings if f.check.id == "reset")
    assert (start.verdict, start.seen) == (Verdict.NOT_RUN, "an emergency stop is pressed")


def test_to_a_stranger_nothing_is_written() -> None:
    bench = Bench()
    scan = bench.plc.scan

    def other() -> None:
        scan()
        bench.plc["HR"][0] = 0x1234

    def mend(bench: Bench) -> None:
        bench.plc.scan = other

    report = judged(bench, move=True, mend=mend)
    assert verdicts(report).pop("identity") is Verdict.BROKEN
    assert {f.verdict for f in report.findings[1:]} == {Verdict.NOT_RUN}
    assert bench.plc["HR"][200:428] == [0] * 228


def after(change: Callable[[Bench], None]) -> Callable[[Bench], None]:
    """After every scan, change what the registers say."""

    def mend(bench: Bench) -> None:
        scan = bench.plc.scan

        def broken() -> None:
            scan()
            change(bench)

        bench.plc.scan = broken

    return mend


def held(name: str, value: int) -> Callable[[Bench], None]:
    return after(lambda bench: bench.write(name, value))


def edited(was: str, becomes: str) -> Bench:
    """A PLC whose program has a mistake."""
    from tests.unit.plc import machine
    from tests.unit.plc.st import Machine

    text = SOURCE.read_text(encoding="utf-8")
    assert was in text
    bench = Bench()
    plc = Machine(text.replace(was, becomes), "Belt")
    for name in ("InSafetyClosed", "SensorCrate"):
        plc[name] = bench.plc[name]
    bench.plc = plc
    assert machine.SOURCE == SOURCE
    return bench


BROKEN: list[tuple[str, Callable[[Bench], None]]] = [
    ("plc-beat", held("plc_hb", 5)),
    ("known-values", held("state", 33)),
    ("zones", held("n_zones", 9)),
    ("alarms", held("first_out", 17)),
    ("alarms", after(lambda bench: bench.write("alarms", 0, 2))),
    ("echo", held("host_hb_echo", 0)),
    ("sizes", held("window", 4)),
    ("geometry", held("decision_mm", 100)),
    ("window", after(lambda bench: bench.write("events", 9, 257, 0, 0, 0, 0, 0, 9))),
    ("window-moves", held("ev_base", 0)),
]


@pytest.mark.parametrize(
    ("check", "mend"), BROKEN, ids=[f"{n}-{b[0]}" for n, b in enumerate(BROKEN)]
)
def test_a_register_that_says_otherwise_is_found(check: str, mend: Callable[[Bench], None]) -> None:
    report = judged(Bench(), mend=mend)
    assert verdicts(report)[check] is Verdict.BROKEN
    assert not report.ok


MISTAKES = [
    ("host-alive", "hostMs < UINT_TO_UDINT(HOST_SILENT_MS)", "hostMs < 2000", False),
    ("repeated-command", "OR HR[R_CMD_SEQ] = HR[R_CMD_ACK] THEN", "THEN", False),
    ("unchecked-command", "OR HR[R_CMD_SEQ] <> HR[R_CMD_CHK] OR", "OR", False),
    ("unknown-command", "    res := RES_UNKNOWN;", "    res := RES_OK;", False),
    ("wrong-state", "      IF state = ST_EXECUTE THEN\n        enter(next := ST_HOLDING);", "      IF TRUE THEN\n        enter(next := ST_HOLDING);", False),
    ("bad-argument", "IF a1 < MODE_PRODUCTION OR a1 > MODE_MANUAL THEN", "IF FALSE THEN", False),
    ("host-events", "a := 1, b := 0, edge := encoder);\n  END_IF;\n  hostAlive", "a := 3, b := 0, edge := encoder);\n  END_IF;\n  hostAlive", False),
    ("host-alarm", "alarmOn[ALARM_HOST] := hostLost;", "alarmOn[ALARM_HOST] := FALSE;", False),
    ("acknowledged", "alarmHeld[code] := FALSE;", "alarmHeld[code] := TRUE;", False),
    ("ack-ahead", "IF pending > ACK_AHEAD THEN", "IF FALSE THEN", False),
    ("start", "IF stateMs >= UINT_TO_UDINT(HORN_MS) THEN", "IF settled THEN", True),
    ("watchdog", "bySilence := TRUE;", "bySilence := FALSE;", True),
    ("suspend", "ELSIF bySilence AND hostAlive THEN", "ELSIF hostAlive THEN", True),
    ("host-gone", "IF hostMs >= UINT_TO_UDINT(HOST_GONE_MS) THEN", "IF FALSE THEN", True),
    ("inlet", "AND HR[R_HOST_FLAGS] MOD 2 = 1", "", True),
    ("destination", "report(kind := EV_DEST_REJECTED,", "report(kind := EV_REFUSED,", True),
    ("arrows", "a := next, b := state, edge", "a := next, b := 0, edge", True),
    ("event-zones", "report(kind := EV_LEFT_READER, zone := 2,", "report(kind := EV_LEFT_READER, zone := 0,", True),
    ("event-zones", "report(kind := EV_CONFIRMED, zone := bin + 2,", "report(kind := EV_CONFIRMED, zone := bin,", True),
    ("runs", "HR[R_ENCODER] := UDINT_TO_UINT(encoder / 65536);\n  HR[R_ENCODER + 1] := UDINT_TO_UINT(encoder MOD 65536);", "HR[R_ENCODER + 1] := UDINT_TO_UINT(encoder / 65536);\n  HR[R_ENCODER] := UDINT_TO_UINT(encoder MOD 65536);", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "was", "becomes", "move"),
    MISTAKES,
    ids=[f"{n}-{m[0]}" for n, m in enumerate(MISTAKES)],
)
def test_a_mistake_in_the_program_is_found(check: str, was: str, becomes: str, move: bool) -> None:
    report = judged(edited(was, becomes), move=move)
    assert verdicts(report)[check] is Verdict.BROKEN, [(f.check.id, f.seen) for f in report.findings if f.verdict is not Verdict.KEPT]  # fmt: skip


def test_answers_that_come_late_are_found() -> None:
    bench = Bench()
    bench.answer_s = 0.13
    report = judged(bench, answer_s=0.3)
    assert verdicts(report)["prompt"] is Verdict.BROKEN


def test_the_report_can_be_read() -> None:
    report = judged(Bench(), mend=held("plc_hb", 5))
    page = report.markdown()
    assert "| plc-beat | **broken** |" in page
    assert "plc_hb (32)" in page
    broken = next(c for c in report.as_dict()["checks"] if c["id"] == "plc-beat")
    assert broken["registers"] == {"plc_hb": 32, "scan_ms": 15}
    assert broken["section"] == "docs/plc/states.md#times"
