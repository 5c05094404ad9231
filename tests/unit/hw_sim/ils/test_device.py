"""One connection to the simulated library system: login, sums, resends, time, and each fault."""

import asyncio
import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.ils.codec import BLOCKS, LIMIT, decode
from hw_sim.ils.device import FAULTS, LibraryDevice
from hw_sim.simloop import run
from hw_sim.wire import Device, Line
from tests.unit.hw_sim.ils.terminal import (
    KAREN,
    Terminal,
    borrow,
    device,
    give_back,
    information,
    signed,
)

ITEM = "3000000002"
STATUS = "9900802.00"


def terminal(**library: object) -> Terminal:
    return Terminal(device(**library))


def on_loan(there: Terminal) -> bool:
    return ITEM in there.library.library.loans


def counts(there: Terminal) -> dict[str, int]:
    found = there.library.truth()["counts"]
    assert isinstance(found, dict)
    return found


def test_it_is_a_device() -> None:
    plain: Device = device()
    assert plain.role == "library"


# --- login ------------------------------------------------------------------------------------------


def test_work_before_login_ends_the_connection() -> None:
    there = terminal(user="kiosk", password="secret")
    assert there.say(STATUS) == b""
    assert not there.open


def test_login_opens_and_a_new_connection_asks_again() -> None:
    there = terminal(user="kiosk", password="secret")
    assert there.say("9300CNkiosk|COwrong|CPHB|") == b"940\r"
    assert there.say("9300CNkiosk|COsecret|CPHB|") == b"941\r"
    assert there.ask(STATUS).id == "98"
    there.library.detach()
    there.reconnect()
    assert there.say(STATUS) == b""
    assert not there.open


def test_three_wrong_logins_end_the_connection() -> None:
    there = terminal(user="kiosk", password="secret")
    heard = [there.say("9300CNkiosk|COwrong|") for _ in range(3)]
    assert heard == [b"940\r", b"940\r", b""]
    assert not there.open


# --- error detection --------------------------------------------------------------------------------


def test_answers_mirror_error_detection_and_echo_the_sequence() -> None:
    there = terminal()
    with_sum = there.ask(signed(STATUS, 7))
    assert (with_sum.sequence, with_sum.sum_right) == ("7", True)
    without = there.ask(STATUS)
    assert (without.sequence, without.sum_right) == ("", None)


def test_a_wrong_sum_is_asked_for_again_and_a_resend_repeats_the_last_frame() -> None:
    there = terminal()
    assert there.say("97AZFEF5") == b"96AZFEF6\r"
    assert there.say(signed(borrow(ITEM), 1)[:-4] + "0000") == b"96AZFEF6\r"
    assert not on_loan(there)
    assert there.say("97AZFEF5") == b"96AZFEF6\r"
    first = there.say(signed(borrow(ITEM), 1))
    assert there.say("97AZFEF5") == first
    assert len(there.library.library.asked) == 1


def test_the_same_request_again_becomes_a_renewal() -> None:
    there = terminal()
    line = signed(borrow(ITEM), 4)
    assert there.say(line).startswith(b"121N")
    assert there.say(line).startswith(b"121Y")


def test_a_replay_guard_repeats_the_last_answer_instead() -> None:
    there = terminal(replay_guard=True)
    line = signed(borrow(ITEM), 4)
    first = there.say(line)
    assert there.say(line) == first
    assert len(there.library.library.asked) == 1
    assert counts(there)["repeated"] == 1
    assert there.say(signed(borrow(ITEM), 5)).startswith(b"121Y")
    for _ in range(2):
        assert there.say(borrow(ITEM)).startswith(b"121Y")
    assert len(there.library.library.asked) == 4


def test_a_replay_guard_does_what_was_never_done() -> None:
    there = terminal(replay_guard=True)
    line = signed(borrow(ITEM), 4)
    for verb in ("storm_96", "status_98"):
        there.library.fault(verb, count=1)
        assert there.say(line)[:2] == verb[-2:].encode()
    there.library.fault("silent", count=1, work=False)
    assert there.say(line) == b""
    assert not on_loan(there)
    assert there.say(line).startswith(b"121N")


# --- what is not understood -------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["XX1", "12", "121NNY", "96AZFEF6", "941", "37" + "x" * 25])
def test_unknown_commands_are_met_with_silence_or_a_closed_door(line: str) -> None:
    silent = terminal(unsupported=["37"])
    assert silent.say(line) == b""
    assert silent.open
    assert silent.ask(STATUS).id == "98"
    closing = terminal(unsupported=["37"], unknown="close", strict=True)
    closing.say(line)
    assert not closing.open


def test_a_busy_worker_takes_the_call_and_says_nothing() -> None:
    there = terminal(busy=True)
    assert there.say("9300CNx|COy|") == b""
    assert there.open


def test_a_request_in_two_reads_is_torn_by_a_careless_server() -> None:
    there = terminal(one_read=True)
    line = borrow(ITEM).encode() + b"\r"
    at = line.index(b"AB")
    there.library.receive(line[:at])
    assert decode(there.heard[:-1]).get("AB") == ""
    there.library.receive(line[at:])
    assert not on_loan(there)
    assert there.say(borrow(ITEM)).startswith(b"121")


def test_an_endless_message_and_a_flood_end_the_connection() -> None:
    endless = terminal()
    endless.library.receive(b"9" * (LIMIT + 1))
    assert not endless.open

    async def flood() -> None:
        there = terminal(answer_ms=300)
        there.library.receive(STATUS.encode() + b"\r")
        for _ in range(70):
            there.library.receive(STATUS.encode() + b"\r")
        assert not there.open

    run(flood())


commands = st.sampled_from(sorted(BLOCKS)).flatmap(
    lambda name: st.text("YN019 |ABCDEFHIJKOSUWX\u00e5", max_size=90).map(
        lambda rest: (name + rest).encode() + b"\r"
    )
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.binary(max_size=80), commands), max_size=6),
    st.sampled_from(
        [{}, {"strict": True}, {"one_read": True}, {"encoding": "ascii"}, {"replay_guard": True}]
    ),
)
def test_any_bytes_are_borne(parts: list[bytes], library: dict[str, object]) -> None:
    there = terminal(**library)
    for part in parts:
        there.library.receive(part)
    for line in there.heard.split(b"\r")[:-1]:
        assert decode(line).id in BLOCKS
    json.dumps(there.library.truth())


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40))
def test_any_chunking_is_the_same_to_it(size: int) -> None:
    stream = "".join(
        f"{line}\r\n"
        for line in (signed(STATUS, 0), borrow(ITEM), information(), give_back(ITEM), "97")
    ).encode()
    whole, pieces = terminal(), terminal()
    whole.library.receive(stream)
    for at in range(0, len(stream), size):
        pieces.library.receive(stream[at : at + size])
    assert pieces.heard == whole.heard
    assert whole.heard.count(b"\r") == 5
    assert pieces.library.truth() == whole.library.truth()


# --- time -------------------------------------------------------------------------------------------


def timed(
    make: Callable[[], LibraryDevice], *lines: str, until: float = 60
) -> list[tuple[float, bytes]]:
    """When what arrives, after all lines are sent at once; a hang-up arrives as no bytes."""

    async def play() -> list[tuple[float, bytes]]:
        loop = asyncio.get_running_loop()
        heard: list[tuple[float, bytes]] = []
        library = make()
        library.attach(
            lambda data: heard.append((round(loop.time(), 6), data)),
            lambda: heard.append((round(loop.time(), 6), b"")),
        )
        for line in lines:
            library.receive(line.encode() + b"\r")
        await asyncio.sleep(until)
        library.detach()
        return heard

    return run(play())


def test_answers_take_their_time_one_after_the_other() -> None:
    heard = timed(lambda: device(answer_ms=300), "9300CNx|COy|", STATUS, STATUS)
    assert [at for at, _ in heard] == [0.3, 0.6, 0.9]
    assert [data[:2] for _, data in heard] == [b"94", b"98", b"98"]


def test_jitter_is_the_seeds() -> None:
    first, second = (
        timed(lambda: device(answer_ms=100, jitter_ms=50), *[STATUS] * 5) for _ in range(2)
    )
    assert first == second
    gaps = [b - a for (a, _), (b, _) in zip([(0.0, b""), *first], first, strict=False)]
    assert all(0.1 <= gap <= 0.15 for gap in gaps)
    assert len(set(gaps)) == 5


def test_an_idle_connection_is_closed() -> None:
    assert timed(lambda: device(idle_close_s=30)) == [(30.0, b"")]
    heard = timed(lambda: device(idle_close_s=30, answer_ms=1000), STATUS)
    assert [(at, data[:2]) for at, data in heard] == [(1.0, b"98"), (30.0, b"")]


def test_the_work_is_done_though_nobody_waits_for_the_answer() -> None:
    async def leave() -> None:
        there = terminal(answer_ms=300)
        there.library.receive(borrow(ITEM).encode() + b"\r")
        there.library.detach()
        await asyncio.sleep(1)
        assert there.heard == b""
        assert on_loan(there)

    run(leave())


# --- faults -----------------------------------------------------------------------------------------


def test_silence_does_the_work_or_not() -> None:
    there = terminal()
    there.library.fault("silent", count=1)
    assert there.say(borrow(ITEM)) == b""
    assert on_loan(there)
    assert there.library.faults() == {}
    there.library.fault("silent", work=False)
    assert there.say(give_back(ITEM)) == b""
    assert on_loan(there)
    there.library.clear("silent")
    assert there.say(give_back(ITEM)).startswith(b"101")


@pytest.mark.parametrize(
    ("verb", "done"), [("drop_before_commit", False), ("drop_after_commit", True)]
)
def test_a_dropped_connection_leaves_the_outcome_unknown(verb: str, done: bool) -> None:
    there = terminal()
    there.library.fault(verb, only=["11"], count=1)
    assert there.ask(STATUS).id == "98"
    assert there.say(borrow(ITEM)) == b""
    assert (there.open, on_loan(there)) == (False, done)
    there.reconnect()
    assert there.ask(information()).every("AU") == (
        ("3000000008", ITEM) if done else ("3000000008",)
    )


def test_half_an_answer_and_then_nothing() -> None:
    there = terminal()
    whole = terminal().say(borrow(ITEM))
    there.library.fault("close_mid_answer", only="11")
    assert there.say(borrow(ITEM)) == whole[: len(whole) // 2]
    assert (there.open, on_loan(there)) == (False, True)


def test_an_answer_about_another_item() -> None:
    there = terminal()
    there.library.fault("other_item", count=1)
    assert there.ask(borrow(ITEM)).get("AB") == "3000000001"
    assert on_loan(there)
    there.library.fault("other_item", item="77")
    assert there.ask(give_back(ITEM)).get("AB") == "77"


def test_another_encoding_than_was_agreed() -> None:
    there = terminal()
    there.library.fault("other_encoding", count=1)
    assert "Tørst".encode("latin-1") in there.say(give_back("3000000001"))
    there.library.fault("other_encoding", encoding="cp850")
    assert "Tørst".encode("cp850") in there.say(give_back("3000000001"))
    with pytest.raises(TypeError, match="klingon"):
        there.library.fault("other_encoding", encoding="klingon")


def test_a_bad_sum_and_the_right_frame_on_resend() -> None:
    there = terminal()
    there.library.fault("bad_checksum", count=2)
    assert there.ask(signed(borrow(ITEM), 3)).sum_right is False
    assert there.ask("97AZFEF5").sum_right is False
    right = there.ask("97AZFEF5")
    assert (right.sum_right, right.id) == (True, "12")


def test_a_wrong_sequence_has_a_right_sum() -> None:
    there = terminal()
    there.library.fault("wrong_ay", count=1)
    wrong = there.ask(signed(STATUS, 9))
    assert (wrong.sequence, wrong.sum_right) == ("0", True)
    assert there.ask(signed(STATUS, 9)).sequence == "9"


def test_a_storm_of_requests_to_send_again() -> None:
    there = terminal()
    there.library.fault("storm_96")
    assert [there.say(signed(borrow(ITEM), 1)) for _ in range(3)] == [b"96AZFEF6\r"] * 3
    assert not on_loan(there)


def test_a_status_in_place_of_the_answer() -> None:
    there = terminal()
    there.library.fault("status_98", only=["11"], count=1)
    assert there.ask(borrow(ITEM)).id == "98"
    assert not on_loan(there)
    assert there.ask(borrow(ITEM)).id == "12"


def test_a_login_that_is_refused() -> None:
    there = terminal(user="kiosk", password="secret")
    there.library.fault("refuse_login", count=1)
    assert there.say("9300CNkiosk|COsecret|") == b"940\r"
    assert there.say("9300CNkiosk|COsecret|") == b"941\r"


def test_a_status_that_says_offline() -> None:
    there = terminal()
    there.library.fault("offline_98")
    status = there.ask(STATUS)
    assert (status.block["online"], status.block["timeout"]) == ("N", "000")
    there.library.clear()
    assert there.ask(STATUS).block["online"] == "Y"


def faulty(verb: str, **args: object) -> LibraryDevice:
    library = device()
    library.fault(verb, **args)
    return library


def test_an_answer_in_drops() -> None:
    heard = timed(lambda: faulty("slow_trickle", ms=20), STATUS)
    assert b"".join(data for _, data in heard) == terminal().say(STATUS)
    assert [at for at, _ in heard[:4]] == [0.0, 0.02, 0.04, 0.06]
    assert all(len(data) == 1 for _, data in heard)


def test_a_late_answer() -> None:
    heard = timed(lambda: faulty("answer_late", seconds=12, count=1), STATUS, STATUS)
    assert [at for at, _ in heard] == [12.0, 12.0]


def test_faults_are_shared_by_all_connections_and_logins_are_not() -> None:
    one = terminal(user="kiosk", password="secret")
    other = Terminal(one.library.sibling())
    assert one.say("9300CNkiosk|COsecret|") == b"941\r"
    other.library.fault("offline_98")
    assert one.ask(STATUS).block["online"] == "N"
    assert other.say(STATUS) == b""
    assert not other.open
    assert one.say(borrow(ITEM)).startswith(b"121")
    assert on_loan(other)
    assert counts(other)["connected"] == 2


def test_unknown_faults_and_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="drop_after_commit"):
        device().fault("melt")
    with pytest.raises(TypeError, match="count, only, work"):
        device().fault("silent", when=3)
    with pytest.raises(ValueError, match="melt"):
        device().clear("melt")


@pytest.mark.parametrize("verb", FAULTS)
def test_every_fault_ends_when_it_is_spent(verb: str) -> None:
    async def play() -> None:
        there = terminal()
        there.library.fault(verb, count=1)
        assert list(there.library.faults()) == [verb]
        for line in ("9300CNx|COy|", STATUS, STATUS):
            if not there.open:
                there.reconnect()
            there.library.receive(signed(line, 1).encode() + b"\r")
            await asyncio.sleep(20)
        assert there.library.faults() == {}
        assert there.ask(borrow(ITEM)).block["ok"] == "1"

    run(play())


def test_over_a_line_with_the_faults_of_a_wire() -> None:
    library = device()
    line = Line(library, random.Random(1))
    heard: list[bytes] = []
    line.connect(heard.append, lambda: heard.append(b"gone"))
    line.fault("drop_reply")
    line.fault("drop_after_commit", only=["11"])
    line.receive(STATUS.encode() + b"\r")
    line.receive(borrow(ITEM).encode() + b"\r")
    assert heard == [b"gone"]
    assert ITEM in library.library.loans
    assert not line.connected


def test_the_truth_counts_what_went_over_the_wires() -> None:
    there = terminal()
    for line in (STATUS, borrow(ITEM), "XX", "11", borrow(ITEM, KAREN)):
        there.say(line)
    assert counts(there) == {
        "11": 2,
        "99": 1,
        "answered": 3,
        "connected": 1,
        "malformed": 1,
        "unknown": 1,
    }
