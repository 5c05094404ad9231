"""The shipping kiosk, its window, a keypad and an ear: keys from both, words in the world, the strip on the screen."""

from tests.journeys.test_whole_visit import Machine, machine

__all__ = ["machine"]


def heard_aloud(machine: Machine) -> list[str]:
    rows = machine.world.do("truth")["devices"]["speaker"]["heard"]
    return [row["text"] for row in rows]


def wait_until_said(machine: Machine, *texts: str) -> None:
    def there() -> None:
        said = " | ".join(heard_aloud(machine))
        missing = [text for text in texts if text not in said]
        assert not missing, f"never said: {missing}; but: {said}"

    machine._qtbot.waitUntil(there, timeout=20_000)


def test_a_headset_and_keys_lead_the_window(machine: Machine) -> None:
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    machine.world.do("headset", plugged=True)
    wait_until_said(machine, "Oplæsning er slået til")
    machine.wait_for("Gentag", "Stop", "Læs højt, slået til")
    machine.world.do("key", key="down")
    wait_until_said(machine, "Lån.")

    def ringed() -> None:
        focused = [node.name for node in machine.reader.nodes() if node.focused]
        assert focused == ["Lån"]

    machine._qtbot.waitUntil(ringed, timeout=20_000)
    machine.world.do("key", key="select")
    machine.wait_for("Scan dit sundhedskort eller lånerkort")
    wait_until_said(machine, "Scan dit sundhedskort eller lånerkort")
