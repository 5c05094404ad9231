"""The simulated FBS over TLS, asked by the standard library's client, and over memory wires on a stage."""

import asyncio
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from http.client import HTTPSConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hw_sim.ils.fbs_device import FbsDevice
from hw_sim.ils.server import LibraryServer
from hw_sim.scenario import ScenarioError, load, parse
from hw_sim.simloop import run
from hw_sim.stage import Stage
from tests.unit.hw_sim.fbs.terminal import (
    ISIL,
    Answer,
    borrow,
    device,
    envelope,
    patron_status,
    post,
    read,
    status,
)

WAIT_S = 30
ITEMS = ("3000000001", "3000000002", "3000000009")


def strict(ca: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def call(port: int, context: ssl.SSLContext, line: str) -> Answer:
    """One POST by http.client, certificate and name checked."""
    there = HTTPSConnection("127.0.0.1", port, context=context, timeout=WAIT_S)
    try:
        headers = {"Content-Type": "application/xml"}
        there.request("POST", f"/rest/sip2/{ISIL}", envelope(line), headers)
        found = there.getresponse()
        return Answer(found.status, found.headers, found.read())
    finally:
        there.close()


# --- TLS ----------------------------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[LibraryServer[FbsDevice]]:
    made = LibraryServer(device(answer_ms=50), random.Random(1))
    yield made
    await made.close()


async def test_a_strict_client_is_served(server: LibraryServer[FbsDevice], tmp_path: Path) -> None:
    port = await server.start(tls_directory=tmp_path)
    context = strict(tmp_path / "ca.pem")
    answer = await asyncio.to_thread(call, port, context, status())
    assert answer.line.startswith("98YYYYYY")
    assert answer.headers["Connection"] == "close"
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(call, port, ssl.create_default_context(), status())


async def test_many_calls_at_once_share_one_library(
    server: LibraryServer[FbsDevice], tmp_path: Path
) -> None:
    port = await server.start(tls_directory=tmp_path)
    context = strict(tmp_path / "ca.pem")
    calls = [asyncio.to_thread(call, port, context, borrow(item)) for item in ITEMS]
    answers = await asyncio.gather(*calls)
    assert [answer.line[:6] for answer in answers] == ["121NUY", "121NUY", "121NUN"]
    assert set(ITEMS) <= set(server.device.library.loans)


async def test_faults_reach_every_call(server: LibraryServer[FbsDevice], tmp_path: Path) -> None:
    port = await server.start(tls_directory=tmp_path)
    context = strict(tmp_path / "ca.pem")
    server.fault("drop_after_commit", only="11", count=1)
    with pytest.raises(RemoteDisconnected):
        await asyncio.to_thread(call, port, context, borrow(ITEMS[0]))
    again = await asyncio.to_thread(call, port, context, borrow(ITEMS[0]))
    assert again.line.endswith("|AF[BEFORE_RENEW_PERIOD]|")


async def test_a_client_stays_trusted_after_a_restart(
    server: LibraryServer[FbsDevice], tmp_path: Path
) -> None:
    port = await server.start(tls_directory=tmp_path)
    context = strict(tmp_path / "ca.pem")
    await server.close()
    assert await server.start(port=port, tls_directory=tmp_path) == port
    answer = await asyncio.to_thread(call, port, context, status())
    assert answer.line.startswith("98")


# --- on a stage ---------------------------------------------------------------------------------------


class Wire:
    """The far end of a memory wire, as a program under test offers it."""

    def __init__(self) -> None:
        self.received: Callable[[bytes], None] = lambda _data: None
        self.opened: Callable[[], None] = lambda: None
        self.heard = b""
        self.ended = asyncio.Event()
        self.plugged = True

    def send(self, data: bytes) -> None:
        self.heard += data

    def hang_up(self) -> None:
        self.plugged = False
        self.ended.set()

    def plug_in(self) -> None:
        self.plugged = True

    async def ask(self, line: str) -> Answer:
        self.heard = b""
        self.ended.clear()
        self.opened()
        self.received(post(envelope(line)))
        await self.ended.wait()
        return read(self.heard)


LOAN = borrow("3846646425")


def test_wires_in_virtual_time_carry_calls_side_by_side() -> None:
    async def main() -> None:
        stage, loop = Stage(load("first-loan-fbs")), asyncio.get_running_loop()
        wires = [Wire() for _ in range(3)]
        for wire in wires:
            stage.join("library", wire)
        lines = (LOAN, borrow("3846646433"), patron_status())
        answers = await asyncio.gather(
            *(wire.ask(line) for wire, line in zip(wires, lines, strict=True))
        )
        assert [answer.line[:3] for answer in answers] == ["121", "121", "24 "]
        assert 0.3 <= loop.time() < 0.31
        assert all(wire.plugged for wire in wires)
        assert (await wires[0].ask(LOAN)).line.endswith("|AF[BEFORE_RENEW_PERIOD]|")
        truth = await stage.truth()
        devices = truth["devices"]
        assert isinstance(devices, dict)
        assert set(devices["library"]["loans"]) == {"3846646425", "3846646433"}
        await stage.close()

    run(main())


def test_faults_of_device_and_wire_strike_every_wire_and_the_cable_takes_all() -> None:
    async def main() -> None:
        stage = Stage(load("first-loan-fbs"))
        wires = [Wire(), Wire()]
        for wire in wires:
            stage.join("library", wire)
        await stage.fault("library", "lock_violation", {"count": 1})
        assert (await wires[1].ask(LOAN)).exception == "OPTIMISTIC_LOCK_VIOLATION"
        await stage.fault("library", "half_frame", {"count": 1})
        assert (await wires[0].ask(LOAN)).body == b""
        assert (await wires[1].ask(patron_status())).line.startswith("24")
        await stage.unplug("library")
        wires.append(Wire())
        stage.join("library", wires[-1])
        assert [wire.plugged for wire in wires] == [False, False, False]
        await stage.plug("library")
        assert [wire.plugged for wire in wires] == [True, True, True]
        hello = await stage.hello()
        devices = hello["devices"]
        assert isinstance(devices, dict)
        assert devices["library"]["url"] == "memory://library"
        assert {"lock_violation", "http_503", "slow"} <= set(devices["library"]["faults"])
        await stage.close()

    run(main())


async def test_a_stage_on_loopback_names_its_authority_and_leaves_nothing(tmp_path: Path) -> None:
    stage = Stage(load("stack-10-fbs"), pace="none")
    urls = await stage.open(tmp_path)
    assert stage.address("library") == {
        "url": urls["library"],
        "ca": str(tmp_path / "ca.pem"),
    }
    assert stage.address("pad") == {"url": str(tmp_path / "pad")}
    await stage.close()
    assert os.listdir(tmp_path) == []


def test_the_process_names_the_certificate_to_trust(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "hw_sim", "--scenario", "first-loan-fbs")
    with subprocess.Popen((*command, "--dir", str(tmp_path)), stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        ready = json.loads(child.stdout.readline())
        library = ready["devices"]["library"]
        assert library["ca"] == str(tmp_path / "ca.pem")
        url = urlsplit(library["url"])
        assert (url.scheme, url.hostname) == ("https", "127.0.0.1")
        assert url.port is not None
        answer = call(url.port, strict(Path(library["ca"])), LOAN)
        assert answer.line.startswith("121NUY")
        with socket.socket(socket.AF_UNIX) as hand:
            hand.settimeout(WAIT_S)
            hand.connect(ready["control"].removeprefix("unix:"))
            hand.sendall(b'{"v":1,"id":1,"do":"truth"}\n')
            truth = json.loads(hand.makefile().readline())["result"]
        assert set(truth["devices"]["library"]["loans"]) == {"3846646425"}
        child.send_signal(signal.SIGTERM)
        assert child.wait(WAIT_S) == 0
    assert list(tmp_path.iterdir()) == []


# --- scenarios ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["first-loan", "stack-10"])
def test_the_fbs_scenarios_have_the_same_things_and_people(name: str) -> None:
    plain, fbs = load(name), load(f"{name}-fbs")
    assert (plain.library_kind, fbs.library_kind) == ("sip2", "fbs")
    assert fbs.items == plain.items
    assert [p["card"] for p in fbs.patrons] == [p["card"] for p in plain.patrons]
    assert (fbs.seed, fbs.today, fbs.devices) == (plain.seed, plain.today, plain.devices)


def test_a_kind_of_library_that_does_not_exist() -> None:
    with pytest.raises(ScenarioError, match=r"library\.kind: must be one of sip2, fbs"):
        parse('schema_version = 1\n[library]\nkind = "ncip"')
    with pytest.raises(ScenarioError, match=r"library\.kind"):
        parse("schema_version = 1\n[library]\nkind = 3")


def test_a_key_of_the_other_kind_is_refused() -> None:
    scenario = parse('schema_version = 1\n[library]\nkind = "fbs"\nencoding = "utf-8"')
    with pytest.raises(ScenarioError, match="encoding"):
        Stage(scenario)
