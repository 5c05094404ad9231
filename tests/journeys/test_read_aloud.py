"""The shipping kiosk, its window, a keypad and an ear: keys from both, words in the world, the strip on the screen."""

from tests.journeys.machine import Machine


def heard_aloud(machine: Machine) -> list[str]:
    rows = machine.world.do("truth")["devices"]["speaker"]["heard"]
    return [row["text"] for row in rows]


def wait_until_said(machine: Machine, *texts: str) -> None:
    machine.wait_until(lambda: all(text in " | ".join(heard_aloud(machine)) for text in texts))


def test_a_headset_and_keys_lead_the_window(machine: Machine) -> None:
    machine.wait_for("Læg dine materialer på pladen, eller scan dit kort")
    machine.world.do("headset", plugged=True)
    wait_until_said(machine, "Oplæsning er slået til")
    machine.wait_for("Gentag", "Stop", "Læs højt, slået til")
    machine.world.do("key", key="down")
    wait_until_said(machine, "Lån.")

    def ringed() -> bool:
        return [node.name for node in machine.reader.nodes() if node.focused] == ["Lån"]

    machine.wait_until(ringed)
    machine.world.do("key", key="select")
    machine.wait_for("Scan dit sundhedskort eller lånerkort")
    wait_until_said(machine, "Scan dit sundhedskort eller lånerkort")
