"""A third party's codec at the terminal's end: PyPI pysip2, strict, all 31 messages."""

from typing import Any

import pysip2
import pytest

from tests.unit.hw_sim.ils.terminal import KAREN, D, Terminal, device

COMMON: dict[str, Any] = {"transaction_date": D, "institution_id": "DK-746100"}
PATRON: dict[str, Any] = {**COMMON, "patron_identifier": KAREN}
ITEM: dict[str, Any] = {**COMMON, "item_identifier": "3000000001"}


def ask(there: Terminal, request: Any, sequence: int = 0) -> Any:
    """Send the foreign encoding of a request, with error detection; the foreign reading of the answer."""
    wire = pysip2.encode_message(request, sequence_number=sequence, checksum=True, encoding="utf-8")
    there.heard = b""
    there.library.receive(wire)
    answer = pysip2.decode_message(there.heard, encoding="utf-8")
    assert answer.checksum is not None
    assert answer.sequence_number == sequence
    return answer.message


def test_login_and_status() -> None:
    there = Terminal(device(user="kiosk", password="secret"))
    login = pysip2.LoginRequest(
        uid_algorithm="0", pwd_algorithm="0", login_user_id="kiosk", login_password="secret"
    )
    assert ask(there, login).ok == "1"
    hello = pysip2.SCStatusRequest(status_code="0", max_print_width="080", protocol_version="2.00")
    status = ask(there, hello, 1)
    assert (status.online_status, status.timeout_period) == ("Y", "100")
    assert (status.supported_messages, status.library_name) == ("Y" * 16, "Odense")
    assert status.date_time_sync == D


def test_a_loan_from_sign_in_to_return() -> None:
    there = Terminal(device())
    identity = {**PATRON, "language": "009", "terminal_password": "", "patron_password": "1234"}
    patron = ask(there, pysip2.PatronStatusRequest(**identity))
    assert (patron.valid_patron, patron.valid_patron_password) == ("Y", "Y")
    assert (patron.fee_amount, patron.personal_name) == ("32.50", "Karen Testesen")

    checkout = {
        **PATRON,
        "item_identifier": "3000000001",
        "terminal_password": "",
        "sc_renewal_policy": "N",
        "no_block": "N",
        "nb_due_date": D,
    }
    lent = ask(there, pysip2.CheckoutRequest(**checkout), 1)
    assert (lent.ok, lent.renewal_ok, lent.desensitize) == ("1", "N", "Y")
    assert (lent.title_identifier, lent.due_date) == ("Tørst", "20261201    235959")

    account = ask(
        there,
        pysip2.PatronInformationRequest(
            **PATRON, language="009", summary="  Y       ", patron_password="1234"
        ),
        2,
    )
    assert account.charged_items == ("3000000008", "3000000001")
    assert (account.charged_items_count, account.overdue_items_count) == ("0002", "0001")

    looked = ask(there, pysip2.ItemInformationRequest(**ITEM), 3)
    assert (looked.circulation_status, looked.due_date) == ("04", "20261201    235959")

    renewal = {**PATRON, "third_party_allowed": "N", "no_block": "N", "nb_due_date": D}
    renewed = ask(there, pysip2.RenewRequest(**renewal, item_identifier="3000000001"), 4)
    assert (renewed.ok, renewed.renewal_ok) == ("1", "Y")
    every = ask(there, pysip2.RenewAllRequest(**PATRON), 5)
    assert (every.renewed_count, every.renewed_items) == ("0002", ("3000000008", "3000000001"))

    checkin = {**ITEM, "no_block": "N", "return_date": D, "current_location": "HB"}
    back = ask(there, pysip2.CheckinRequest(**checkin, terminal_password=""), 6)
    assert (back.ok, back.alert, back.sort_bin) == ("1", "Y", "701")
    assert back.permanent_location == "Dalum"

    ended = ask(there, pysip2.EndPatronSessionRequest(**PATRON), 7)
    assert ended.end_session == "Y"


def test_the_other_commands() -> None:
    there = Terminal(device())
    held = ask(there, pysip2.HoldRequest(**PATRON, hold_mode="+", item_identifier="3000000002"))
    assert (held.ok, held.queue_position, held.available) == ("1", "1", "N")
    payment = {"fee_type": "04", "payment_type": "02", "currency_type": "DKK"}
    paid = ask(
        there,
        pysip2.FeePaidRequest(**PATRON, **payment, fee_amount="12.50", transaction_id="k1"),
        1,
    )
    assert (paid.payment_accepted, paid.transaction_id) == ("Y", "k1")
    stored = ask(there, pysip2.ItemStatusUpdateRequest(**ITEM, item_properties="bin=7"), 2)
    assert (stored.item_properties_ok, stored.item_properties) == ("1", "bin=7")
    blocking = {"card_retained": "N", "blocked_card_message": "test", "terminal_password": ""}
    blocked = ask(there, pysip2.BlockPatronRequest(**PATRON, **blocking), 3)
    assert blocked.patron_status.startswith("YYYY")
    enabled = ask(there, pysip2.PatronEnableRequest(**PATRON), 4)
    assert enabled.patron_status == " " * 14
    assert len(there.library.library.asked) == 5


@pytest.mark.parametrize("item", ["3000000002", "unknown"])
def test_refusals_are_whole_messages(item: str) -> None:
    there = Terminal(device())
    checkin = {**COMMON, "item_identifier": item, "no_block": "N", "return_date": D}
    back = ask(there, pysip2.CheckinRequest(**checkin, current_location="HB", terminal_password=""))
    assert back.ok == "0"
    checkout = {**PATRON, "sc_renewal_policy": "N", "no_block": "N", "nb_due_date": D}
    checkout |= {"patron_identifier": "nobody", "terminal_password": ""}
    lent = ask(there, pysip2.CheckoutRequest(**checkout, item_identifier=item), 1)
    assert (lent.ok, lent.screen_message) == ("0", ("Låneren kendes ikke",))


def test_resend_in_both_directions() -> None:
    there = Terminal(device())
    there.library.receive(pysip2.encode_message(pysip2.RequestACSResend(), checksum=True))
    answer = pysip2.decode_message(there.heard)
    assert isinstance(answer.message, pysip2.RequestSCResend)
    assert answer.sequence_number is None
