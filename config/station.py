"""What one station is: its kind, devices by role and driver, rules and times. Frozen; unknown keys refused.

Every field's meaning, unit and default stand here and nowhere else; `ims config schema` prints them, and
the reference page is made from them. `drivers/` and `kiosk/` read these models and never a file.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from config.access import Keys, Sound, Speech
from config.called import Called
from config.device import Device, Name
from config.ims import Ims
from config.inlet import Inlet
from config.part import Part, Pattern
from config.screen import ScreenTable
from config.secret_ref import SecretRef
from config.sorter import Belt, Sorter
from config.texts import Named

SCHEMA_VERSION: Literal[1] = 1


class Kind(StrEnum):
    """What the machine is for."""

    KIOSK = "kiosk"
    SORTER = "sorter"
    PASSPORT = "passport"


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError("no time zone of that name") from None
    return name


Aim = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][0-9A-Za-z]$")]
"""A kind of barcode as the reader names it, without the bracket (ISO/IEC 15424)."""
Zone = Annotated[str, AfterValidator(_is_zone)]


class StationTable(Part):
    """Who the machine is."""

    id: Name = Field(description="stable name in journal and metrics, such as bh-2")
    kind: Kind = Field(description="what the machine is for")
    place: str = Field(
        min_length=1, max_length=40, description="library, at the start of the top line"
    )
    name: str = Field(min_length=1, max_length=24, description="machine, such as Automat 2")
    time_zone: Zone = Field("Europe/Copenhagen", description="where local time is, an IANA name")
    state_dir: str = Field(
        "", description="state directory; --state wins, else XDG_STATE_HOME/ims/ID"
    )
    language: Literal["da", "en", "de", "uk", "ar"] = Field(
        "da", description="language of the start screen"
    )
    seal_key: SecretRef | None = Field(
        None, description="key of what is sealed in the database; kept outside its directory"
    )


CardUrl = Annotated[
    str,
    StringConstraints(
        pattern=r"^(/[A-Za-z0-9_.:/+@-]+|usb(:[0-9a-fA-F]{4}(:[0-9a-fA-F]{4})?|:\d{1,3}:\d{1,3})?|memory://\S+)$"
    ),
]


class CardDevice(Part):
    """A reader for cards with a chip, and how one of them becomes a card number."""

    driver: Name = Field("nfc", description="driver name")
    url: CardUrl = Field(
        description="device path of a serial PN532, or usb, usb:VENDOR:PRODUCT (hex), usb:BUS:DEVICE"
    )
    number_from: Literal["ndef", "uid"] = Field(
        "ndef",
        description="the number stands in the card's NDEF text or link, or is made of its UID; a UID can be copied and is no proof of anything",
    )
    number_pattern: Pattern = Field(
        "",
        description="where the number stands in text, link or UID: the first group of the first match, or the match; all of it if empty",
    )
    uid_order: Literal["air", "reversed"] = Field(
        "air", description="order of the UID's bytes in the number; some systems write it backwards"
    )
    uid_form: Literal["hex", "decimal"] = Field(
        "hex", description="capitals of hex, or decimal digits"
    )
    uid_digits: int = Field(
        0, ge=0, le=20, description="shorter decimal numbers get zeros in front; 0 leaves them"
    )


class Devices(Part):
    """Devices by role. A role that is missing degrades what it serves and nothing else."""

    pad: Device | None = None
    scanner: Device | None = None
    printer: Device | None = None
    card: CardDevice | None = None
    keys: Device | None = None
    terminal: Device | None = None
    """Where fees are paid by card."""
    belt: Belt | None = None
    tunnel: Device | None = None
    gate: Device | None = None
    """The reader at the gate of a public inlet."""
    inlet_printer: Device | None = None

    @model_validator(mode="after")
    def _one_port_each(self) -> "Devices":
        plain = (
            self.pad,
            self.scanner,
            self.printer,
            self.keys,
            self.terminal,
            self.belt,
            self.tunnel,
            self.gate,
            self.inlet_printer,
        )
        tables: tuple[Device | CardDevice | None, ...] = (*plain, self.card)
        urls = [table.url for table in tables if table is not None]
        twice = sorted({url for url in urls if urls.count(url) > 1})
        if twice:
            raise ValueError(f"two devices on one port: {', '.join(twice)}")
        return self


LIBRARY_URLS = {
    "sip2": ("sip2://HOST:PORT", r"sip2://[^\s:/]+:\d{1,5}"),
    "fbs": ("https://HOST or https://HOST:PORT", r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[!-~]*)?"),
}
"""By driver, what its url looks like and the pattern of that."""


class Library(Part):
    """The library system and how to speak to it."""

    driver: Name = Field("sip2", description="driver name")
    url: str = Field(description="sip2://HOST:PORT for driver sip2, https://HOST for driver fbs")
    user: str = Field("", description="CN at login; empty means no login")
    password: SecretRef | None = Field(None, description="CO at login, by reference")
    institution: str = Field(description="AO, such as DK-746100")
    location: str = Field("", description="CP at login and AP at return")
    dialect: Name | None = Field(
        None, description="ways of this library system, by name; the driver's own if left out"
    )
    tls: bool = Field(False, description="speak TLS; driver fbs always does")
    ca_file: str = Field("", description="certificate authority to trust; the system's if empty")
    answer_s: float = Field(8.0, gt=0, le=60, description="deadline of a call a borrower waits for")
    keep_alive_s: float = Field(30.0, gt=0, le=600, description="quiet time until a 99 is sent")
    shortest_loan_days: int = Field(
        7,
        ge=0,
        le=120,
        description="no loan of this library is shorter; a return whose answer was lost is told again later only if its loan was due sooner than that, else staff sees to it",
    )

    @field_validator("url")
    @classmethod
    def _of_its_driver(cls, url: str, known: ValidationInfo) -> str:
        driver = known.data.get("driver", "")
        form, pattern = LIBRARY_URLS.get(driver, ("SCHEME://…", r"[a-z0-9+]+://\S+"))
        if re.fullmatch(pattern, url) is None:
            raise ValueError(f"driver {driver} needs a url of the form {form}")
        return url


class Mail(Part):
    """The mail server that receipts go through. Left out, no receipt goes by e-mail. Always encrypted."""

    driver: Name = Field("smtp", description="driver name")
    url: Annotated[str, StringConstraints(pattern=r"^smtps?://[A-Za-z0-9.-]+(:\d{1,5})?$")] = Field(
        description="smtp://HOST:PORT (STARTTLS, 587) or smtps://HOST:PORT (TLS, 465)"
    )
    sender: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
    ] = Field(description="address that receipts come from; its domain must allow this server")
    user: str = Field("", description="login name; empty means no login")
    password: SecretRef | None = Field(None, description="its password, by reference")
    ca_file: str = Field("", description="certificate authority to trust; the system's if empty")
    answer_s: float = Field(30.0, gt=0, le=300, description="how long one answer may take")
    give_up_h: float = Field(
        24.0, gt=0, le=120, description="hours until a receipt that was not taken is given up"
    )

    @model_validator(mode="after")
    def _login_whole(self) -> "Mail":
        if bool(self.user) != (self.password is not None):
            raise ValueError("user and password go together")
        return self


class Security(Part):
    """Values of the AFI, the byte that gates look at (biblstandard.dk, rfid/afi)."""

    in_stock: int = Field(0x07, ge=0, le=255, description="the gate sounds; 0x07 in Denmark")
    on_loan: int = Field(0xC2, ge=0, le=255, description="the gate is silent; 0xC2 in Denmark")
    accept_unverified: Literal["never", "if_id_matches"] = Field(
        "never",
        description="a tag that reads with a wrong check sum: never believed, or if its number fits item_pattern",
    )
    item_pattern: Pattern = Field(r"^\d{10}$", description="what an item number looks like here")
    item_aims: tuple[Aim, ...] = Field(
        (), description="kinds of barcode that only items carry here: AIM identifiers such as A0"
    )
    whole_sets: bool = Field(
        True, description="every part must lie on the pad; false: one tag stands for all"
    )
    unclear_sets: Literal["accept", "accept_with_message", "reject"] = Field(
        "reject",
        description="to borrow a set whose tags do not tell which part they are: as one item, with a word about it, or not",
    )


class Lending(Part):
    """Rules and times of the lending flow. Times in seconds."""

    pin_length: int = Field(4, ge=4, le=8, description="digits of a PIN")
    card_pattern: Pattern = Field(
        r"^\d{10}$", description="what a library card number looks like here"
    )
    pin_tries: int = Field(5, ge=1, le=20, description="wrong PINs until the card must wait")
    pin_block_s: float = Field(900, ge=0, description="how long it must wait")
    pin_block_longest_s: float = Field(
        3600, ge=0, description="each further wait is twice as long, up to this"
    )
    machine_tries: int = Field(
        20,
        ge=5,
        le=1000,
        description="wrong PINs of any cards within pin_block_s until the machine waits",
    )
    machine_block_s: float = Field(60, ge=0, description="how long the machine waits at first")
    card_digits: int = Field(
        10, ge=4, le=14, description="digits of a card number that is typed; the last one sends it"
    )
    card_aims: tuple[Aim, ...] = Field(
        (), description="kinds of barcode that only cards carry here: AIM identifiers such as C0"
    )
    idle_s: float = Field(60, ge=5, description="quiet time until the borrower is asked")
    lifted_s: float = Field(
        10, ge=5, description="the same over an empty pad, once all that was lent was taken up"
    )
    warning_s: float = Field(30, ge=20, description="not below 20: EN 301 549, 11.2.2.1")
    end_s: float = Field(6, ge=2, description="how long the last screen stands")
    clear_pad_s: float = Field(20, ge=0, description="chime while something is left on the pad")
    poll_s: float = Field(0.25, ge=0.05, le=0.5, description="pad polled at least this often")
    gone_after: int = Field(
        3, ge=1, le=20, description="missed polls until an item counts as lifted"
    )
    write_tries: int = Field(3, ge=1, le=10, description="tries to write a tag that lies still")
    wait_tag_s: float = Field(60, ge=5, description="wait for a lifted item before staff is called")
    most_items: int = Field(20, ge=1, le=100, description="items in one visit")
    without_pad: Literal["gate_may_sound", "staff_disarms", "closed"] = Field(
        "gate_may_sound",
        description="while the pad does not work, items are taken by barcode, and this is said of their alarm; or none are taken",
    )
    without_readers: Literal["account", "closed"] = Field(
        "account",
        description="while neither pad nor barcode reader works, an account is looked at by a typed number; or the machine is out of order",
    )
    steady_s: float = Field(
        60, ge=0, description="how long a device that failed must hold before it is trusted again"
    )
    receipt_default: Literal["print", "email", "none"] = Field(
        "print", description="which way to finish is the emphasised one"
    )
    account_url: str = Field(
        "https://odensebib.dk/user/me", description="behind the QR code of the receipt"
    )
    payment_url: str = Field(
        "https://odensebib.dk/user/me/fees",
        pattern=r"^https://[!-~]+$",
        description="where fees are paid, behind the QR code of the fees screen",
    )
    pickup_names: tuple[str, ...] = Field(
        (), description="other names that the library system gives this branch as a pick-up place"
    )
    renewal_opens_days: int = Field(
        0,
        ge=0,
        le=365,
        description="a loan can be renewed from so many days before it is due: the date is said when it is too early; 0: not known",
    )
    hold_advice: Literal["left", "right", "staff"] = Field(
        "left", description="where the hold shelf stands, or that staff keeps it"
    )


class Offline(Part):
    """What goes on while the library system is away. It is written down and registered when it is back.

    Nobody can say then whether a card is blocked or an item reserved, so the limits bound what may go wrong.
    The defaults are for a house like Odense's: an evening without contact costs no borrower her books, and a
    found card takes five items at most.
    """

    lend: bool = Field(True, description="borrowing goes on")
    take_back: bool = Field(True, description="returning goes on")
    most_items: int = Field(5, ge=1, le=100, description="loans in one visit")
    most_per_borrower: int = Field(
        10, ge=1, le=200, description="loans of one card that wait to be registered"
    )
    most_per_day: int = Field(300, ge=1, le=5000, description="loans of this machine in one day")
    most_hours: int = Field(
        72,
        ge=1,
        le=144,
        description="borrowing ends after so long without contact; what is sealed is kept for 7 days",
    )
    loan_days: int = Field(31, ge=1, le=120, description="days until due, told to the borrower")
    card_pattern: Pattern = Field(
        r"^\d{10}$", description="card and CPR numbers that are believed; none can be checked"
    )
    pin: Literal["not_asked", "kept"] = Field(
        "not_asked",
        description="no PIN can be checked: it is not asked for, or asked for and sent sealed at replay",
    )
    typed_cards: bool = Field(
        False, description="a card number that is typed is believed, with no card at hand"
    )
    disarm: bool = Field(
        True,
        description="the tag of a loan is made silent; false: the gate sounds, staff lets it out",
    )
    no_block: bool = Field(
        True,
        description="replayed as what has happened (SIP2 no-block); false: as ordinary loans and returns",
    )
    place: str = Field(
        "", description="id of the place for returned items; that of the last rule if empty"
    )


class Place(Part):
    """Where a returned item is put: a piece of the real furniture, as seen from the front."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,2}$")] = Field(
        description="what stands on it: a box's number; shelves and the staff's counter have none to read"
    )
    kind: Literal["box", "shelf", "staff"] = Field(description="what it looks like")
    name: Called = Field(
        min_length=1,
        max_length=30,
        description="what it is for: in Danish, or by language: { da = …, en = … }",
    )


class PlaceRule(Part):
    """One line of the sorting table: all that is given must fit. The first line that fits wins."""

    place: str = Field(description="id of a place")
    alert_type: str = Field("", description="SIP2 CV, such as 01 for a hold of this library")
    destination: str = Field("", description="SIP2 CT, the library it must go to")
    sort_bin: str = Field("", description="SIP2 CL")
    permanent_location: str = Field("", description="SIP2 AQ begins with this")
    media: str = Field("", description="SIP2 CK, such as 001 for a book")
    collection: str = Field("", description="SIP2 CR begins with this")
    sent_on: bool = Field(False, description="any destination (SIP2 CT), or a text that says so")
    alert: bool = Field(False, description="the library system asks for attention")


class Returns(Part):
    """Where returned items go. Places from left to right as they stand; the last rule has no condition."""

    places: tuple[Place, ...] = (
        Place(id="H", kind="shelf", name=Named.of("Reserveringshylden")),
        Place(id="1", kind="box", name=Named.of("Alle materialer")),
        Place(id="2", kind="box", name=Named.of("Andre biblioteker")),
        Place(id="P", kind="staff", name=Named.of("Personalet")),
    )
    rules: tuple[PlaceRule, ...] = (
        PlaceRule(place="H", alert_type="01"),
        PlaceRule(place="2", sent_on=True),
        PlaceRule(place="P", alert=True),
        PlaceRule(place="1"),
    )
    empty_end_s: float = Field(
        20,
        ge=5,
        description="an empty pad for so long after the last return asks whether anybody is still there",
    )
    ask_first: bool = Field(
        True,
        description="an item is looked up before it is checked in: when that answer is lost, its due date tells this loan from one made since",
    )
    hold_slip: bool = Field(
        True,
        description="a slip is printed to lie in a returned item that somebody has reserved; it names nobody",
    )

    @model_validator(mode="after")
    def _whole(self) -> "Returns":
        known = {place.id for place in self.places}
        if len(known) != len(self.places):
            raise ValueError("two places have the same id")
        unknown = sorted({rule.place for rule in self.rules} - known)
        if unknown:
            raise ValueError(f"a rule names no place: {', '.join(unknown)}")
        if not self.rules or self.rules[-1] != PlaceRule(place=self.rules[-1].place):
            raise ValueError("the last rule must fit everything: give it a place and nothing else")
        return self


Service = Literal["borrow", "return", "loans", "receipt"]
"""What a kiosk does for people, and a library may want done only while staff is there."""
SERVICES: tuple[Service, ...] = ("borrow", "return", "loans", "receipt")
Span = Annotated[
    str, StringConstraints(pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")
]


class Hours(Part):
    """One day."""

    open: Span = Field(
        "", description="when people may be here, such as 07:00-22:00; empty: closed"
    )
    staffed: Span = Field("", description="when staff is here, such as 10:00-18:00; empty: nobody")


class Holiday(Hours):
    """A date that is not like its weekday."""

    day: date = Field(description="the date, such as 2026-12-24")


class Opening(Part):
    """When people and staff are here, in local time. A weekday that is left out says nothing."""

    monday: Hours | None = None
    tuesday: Hours | None = None
    wednesday: Hours | None = None
    thursday: Hours | None = None
    friday: Hours | None = None
    saturday: Hours | None = None
    sunday: Hours | None = None
    holidays: tuple[Holiday, ...] = ()
    unstaffed: tuple[Service, ...] = Field(
        SERVICES, description="what the machine does while no staff is here"
    )


class Help(Part):
    """Where a borrower finds people. The words stand on the screen as they are given here."""

    call: Literal["counter", "notice"] = Field(
        "counter",
        description="a call for staff says where they are; notice: it also tells them at once",
    )
    counter: Called = Field(
        Named(),
        max_length=60,
        description="where staff is, such as Skranken i stuen; or by language",
    )
    phone: str = Field("", max_length=20, description="number to call when nobody is here")
    new_pin: Called = Field(
        Named(),
        max_length=60,
        description="where a forgotten PIN is replaced, such as odensebib.dk; or by language",
    )


class Nearest(Part):
    """Where the next machine stands, for the out-of-order screen."""

    name: str = Field(description="as its own screen names it, such as Automat 3")
    metres: int = Field(ge=1, le=500, description="how far it is")
    direction: Literal["left", "right"] = Field(description="seen by who reads the screen")
    landmark: Called = Field(
        Named(), description="where it stands, such as Ved trappen; or by language"
    )


class Station(Part):
    """One station's whole configuration."""

    schema_version: Literal[1] = Field(
        SCHEMA_VERSION, description="what the file was written for; files without it are of 1"
    )
    station: StationTable
    devices: Devices = Devices()
    library: Library
    mail: Mail | None = None
    security: Security = Security()
    lending: Lending = Lending()
    returns: Returns = Returns()
    opening: Opening = Opening()
    help: Help = Help()
    offline: Offline = Offline()
    screen: ScreenTable = ScreenTable()
    keys: Keys = Keys()
    speech: Speech | None = None
    sound: Sound = Sound()
    nearest: Nearest | None = None
    sorter: Sorter | None = None
    inlet: Inlet | None = None
    ims: Ims | None = None

    @model_validator(mode="after")
    def _a_sorter_is_whole(self) -> "Station":
        if self.station.kind is not Kind.SORTER:
            return self
        wanted = {
            "devices.belt": self.devices.belt,
            "devices.tunnel": self.devices.tunnel,
            "sorter": self.sorter,
        }
        missing = [name for name, table in wanted.items() if table is None]
        if missing:
            raise ValueError(f"a sorter needs {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _an_inlet_has_its_reader(self) -> "Station":
        if self.inlet is not None and self.station.kind is not Kind.SORTER:
            raise ValueError("only a sorter has an inlet")
        if (self.inlet is None) != (self.devices.gate is None):
            raise ValueError("inlet and devices.gate go together: the reader says what is taken")
        return self

    @model_validator(mode="after")
    def _offline_place_stands(self) -> "Station":
        place = self.offline.place
        if place and place not in {one.id for one in self.returns.places}:
            raise ValueError(f"offline.place names no place: {place}")
        return self

    @property
    def branch_names(self) -> frozenset[str]:
        """How the library system may name this branch, in case-folded words."""
        names = (self.station.place, self.library.location, *self.lending.pickup_names)
        return frozenset(name.casefold() for name in names if name)
