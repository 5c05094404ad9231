"""Driver name -> class, loaded when used. Third parties add theirs by the entry point group `ims.drivers`."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "pad": {
        "feig": "drivers.feig.driver:FeigReader",
        "bibliotheca": "drivers.bibliotheca.driver:BibliothecaReader",
    },
    "tunnel": {
        "feig": "drivers.feig.driver:FeigReader",
        "bibliotheca": "drivers.bibliotheca.driver:BibliothecaReader",
    },
    "gate": {
        "feig": "drivers.feig.driver:FeigReader",
        "bibliotheca": "drivers.bibliotheca.driver:BibliothecaReader",
    },
    "scanner": {"barcode": "drivers.scanner.driver:BarcodeScanner"},
    "card": {"nfc": "drivers.nfc.driver:NfcCardReader"},
    "printer": {"escpos": "drivers.escpos.driver:EscposPrinter"},
    "inlet_printer": {"escpos": "drivers.escpos.driver:EscposPrinter"},
    "belt": {"modbus": "drivers.modbus_belt.driver:ModbusBelt"},
    "mail": {"smtp": "drivers.notify.driver:SmtpNotifier"},
    "keys": {"evdev": "drivers.keypad.driver:EvdevKeyPad"},
    "speaker": {
        "espeak": "drivers.speech.espeak:EspeakSpeaker",
        "speechd": "drivers.speech.speechd:SpeechdSpeaker",
    },
    "terminal": {"zvt": "drivers.zvt.driver:ZvtTerminal"},
    "library": {
        "sip2": "drivers.library.gateway:Gateway",
        "fbs": "drivers.library.fbs:FbsGateway",
    },
}
"""By role, then by driver name: `module:Class`."""


class UnknownDriver(LookupError):
    """No driver of this name serves the role; the message names those that do."""


def driver_names(role: str) -> tuple[str, ...]:
    """Every name that serves `role`, ours first."""
    return (*BUILT_IN.get(role, {}), *(point.name for point in _third_party(role)))


def driver_class(role: str, name: str) -> Any:
    """The class behind a driver name. Raises UnknownDriver."""
    target = BUILT_IN.get(role, {}).get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        return getattr(import_module(module), attribute)
    for point in _third_party(role):
        if point.name == name:
            return point.load()
    raise UnknownDriver(f"no {role} driver {name!r}; there are: {', '.join(driver_names(role))}")


def _third_party(role: str) -> tuple[Any, ...]:
    return tuple(entry_points(group=f"ims.drivers.{role}"))
