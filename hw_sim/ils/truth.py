"""What the library holds and was asked, told as JSON types, so that a proof need not take a station's word."""

from hw_sim.ils.model import Library


def truth(library: Library) -> dict[str, object]:
    """What the library holds, as JSON types."""
    return {
        "loans": {
            loan.item: {
                "patron_card": loan.card,
                "due": loan.due.isoformat(),
                "renewals": loan.renewals,
            }
            for loan in library.loans.values()
        },
        "items": {
            item.id: {"status": item.status, "at": item.current, "properties": item.properties}
            for item in library.items.values()
        },
        "holds": [
            {
                "item": h.item,
                "patron_card": h.card,
                "pickup": h.pickup,
                "ready": library.ready(h),
            }
            for h in library.holds
        ],
        "fees": {
            fee.id: {"patron_card": fee.card, "amount": str(fee.amount)} for fee in library.fees
        },
        "payments": [
            {"patron_card": card, "transaction": transaction, "amount": str(amount)}
            for card, transaction, amount in library.payments
        ],
        "blocked": sorted(p.card for p in library.patrons.values() if p.blocked),
        "asked": [
            {
                "at": line.at.isoformat(),
                "message": line.message,
                "item": line.item,
                "outcome": line.outcome,
                "occurred": line.occurred.isoformat() if line.occurred else None,
                "no_block": line.no_block,
            }
            for line in library.asked
        ],
    }
