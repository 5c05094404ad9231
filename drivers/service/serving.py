"""Services of the devices that more than one kind of station has, for the supervisor: each opens its device, says
that it is ready, and works until the wire fails.
"""

from collections.abc import Callable

from drivers.ports import KeyPad, LibrarySystem, PrinterState, ReceiptPrinter
from drivers.runtime.supervisor import Service


def asking(library: LibrarySystem) -> Service:
    """The line to the library system: it may be started at any time and finds its own way back."""

    async def serve(ready: Callable[[], None]) -> None:
        ready()
        await library.serve()

    return serve


def printing(
    printer: ReceiptPrinter, told: Callable[[PrinterState], None] = lambda state: None
) -> Service:
    """A printer; `told` hears what state it is found in."""

    async def serve(ready: Callable[[], None]) -> None:
        try:
            await printer.open()
            ready()
            told(printer.state())
            await printer.serve()
        finally:
            await printer.close()

    return serve


def keying(keys: KeyPad, pressed: Callable[[str], None]) -> Service:
    """Five keys and a headset; `pressed` hears each by its name in config.access."""

    async def serve(ready: Callable[[], None]) -> None:
        try:
            await keys.open()
            ready()
            async for press in keys.presses():
                pressed(press.key)
        finally:
            await keys.close()

    return serve
