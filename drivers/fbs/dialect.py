"""The ways of FBS (Cicero), as data.

Source: recorded exchanges in the public code bibboxen/bibbox, test/fixtures/fbs.js and test/fbs.js, and
bibboxen/bibselv, engine/plugins/fbs/request.js and response.js. Reason codes that no recording shows are
named after the renewal codes of FBS's REST interface; QUALITY.toml lists them.
"""

import re
from dataclasses import replace
from types import MappingProxyType

from drivers.sip2.dialect import STANDARD, ErrorDetection, Routing, screen_line

_LAYOUTS = {
    "23": ("AO", "AA", "AC", "AD"),
    "63": ("AO", "AA", "AC", "AD"),
    "11": ("AO", "AA", "AB", "AC", "CH", "AD"),
    "09": ("AP", "AO", "AB", "AC", "CH"),
    "29": ("AO", "AA", "AD", "AB"),
    "65": ("AO", "AA", "AD"),
    "01": ("AO", "AL", "AA"),
}

_REASONS = (
    screen_line(r"^\[?(MATERIAL_?|DENIED_?)?RESERVED\b", "renew.reserved", "30"),
    screen_line(r"^\[?(MATERIAL_?|DENIED_?)?RESERVED\b", "item.reserved", "12"),
    screen_line(r"MAX_?RENEWALS_?REACHED\b", "renew.max_reached", "30"),
    screen_line(r"LOANER_?(IS_?)?BLOCKED\b", "renew.blocked", "30"),
    screen_line(r"LOANER_?(IS_?)?BLOCKED\b", "patron.blocked"),
    screen_line(r"MATERIAL_?(IS_?)?NOT_?LOANABLE\b", "item.not_loanable", "12", "30"),
    screen_line(r"MATERIAL_?(IS_?)?NOT_?FOUND\b", "item.unknown"),
    screen_line(r"LOANER_?NOT_?FOUND\b", "patron.unknown"),
    screen_line(r"LOANING_?PROFILE_?NOT_?FOUND\b", "patron.no_profile"),
)

FBS = replace(
    STANDARD,
    name="fbs",
    error_detection=ErrorDetection.OFF,
    layouts=MappingProxyType(_LAYOUTS),
    never=frozenset({"BO", "BI"}),
    print_width="xxx",
    sign_in_by="23",
    denied_together=True,
    parted=True,
    id_prefix=re.compile(r"^[A-Z]+:"),
    reasons=(*_REASONS, *STANDARD.reasons),
    routing=(
        Routing(re.compile(r"^Reserveret$"), "01"),
        Routing(re.compile(r"^Sendes til (.+)$"), "04"),
    ),
)
"""One line in an envelope: no checksum, no login message, no end of session."""
