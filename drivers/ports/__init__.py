"""What each capability offers, as Protocols of three to eight methods, and the values they speak in.

No I/O type and no machine's geometry stands here. A new device is a new folder beside these, and nothing
above it changes. All calls are async and run on the core loop; each raises only drivers.errors.
"""

from drivers.ports.clock import Clock, Rng, Waiting
from drivers.ports.items import (
    Capability,
    ItemReader,
    Memory,
    ReaderInfo,
    Tag,
    TagInfo,
    TagService,
    Uid,
)
from drivers.ports.library import (
    Account,
    Answer,
    Borrowed,
    Circulation,
    Item,
    LibraryStatus,
    LibrarySystem,
    Loan,
    Online,
    Outcome,
    Patron,
    RenewedAll,
    Returned,
    SignIn,
)
from drivers.ports.receipts import (
    Paper,
    PaperGap,
    PaperLine,
    PaperQr,
    PrinterInfo,
    PrinterState,
    PrintJob,
    PrintOutcome,
    Rasteriser,
    ReceiptPrinter,
)
from drivers.ports.scanner import Scan, Scanner
from drivers.ports.secret import Secret
from drivers.ports.store import Sealer, Store, Txn

__all__ = [
    "Account",
    "Answer",
    "Borrowed",
    "Capability",
    "Circulation",
    "Clock",
    "Item",
    "ItemReader",
    "LibraryStatus",
    "LibrarySystem",
    "Loan",
    "Memory",
    "Online",
    "Outcome",
    "Paper",
    "PaperGap",
    "PaperLine",
    "PaperQr",
    "Patron",
    "PrintJob",
    "PrintOutcome",
    "PrinterInfo",
    "PrinterState",
    "Rasteriser",
    "ReaderInfo",
    "ReceiptPrinter",
    "RenewedAll",
    "Returned",
    "Rng",
    "Scan",
    "Scanner",
    "Sealer",
    "Secret",
    "SignIn",
    "Store",
    "Tag",
    "TagInfo",
    "TagService",
    "Txn",
    "Uid",
    "Waiting",
]
