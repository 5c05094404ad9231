"""What is said of scans at the bins and of what happened to an item: texts by key."""

from config.texts import Text, text
from sorter.ims.crates import Said, Swap
from sorter.ims.happened import Happened, What


def swap_words(swap: Swap) -> Text:
    """What a scan came to, for whoever stands at the bins."""
    key = f"crates.said.{swap.said.value}"
    chute, crate = swap.chute, swap.crate
    match swap.said:
        case Said.CRATE_NEXT | Said.UNKNOWN_CHUTE:
            return text(key, chute=chute)
        case Said.CHUTE_NEXT | Said.UNKNOWN_CRATE:
            return text(key, crate=crate)
        case Said.AGAIN:
            return text(f"{key}.{'chute' if swap.chute else 'crate'}")
        case Said.DOCKED if swap.closed:
            closed = swap.closed
            return text("crates.said.docked.closed", chute=chute, crate=crate, closed=closed)
        case Said.DOCKED | Said.ALREADY:
            return text(key, chute=chute, crate=crate)
        case Said.ELSEWHERE:
            return text(key, crate=crate, place=swap.place)
        case Said.TWO_POINTS:
            return text(key, chute=chute, point=swap.place)
        case Said.NOT_LIFTED:
            return text(key, chute=chute, there=swap.place)
        case Said.FULL_OF_OTHER if not swap.place:
            return text("crates.said.full_of_other.several", crate=crate, n=swap.count)
        case Said.FULL_OF_OTHER:
            return text(key, crate=crate, n=swap.count, place=swap.place)
        case _:
            return text(key)


def happened_words(one: Happened, bin_name: str = "") -> Text:
    """One thing that happened to an item or its crate. `bin_name`: what its bin is called."""
    branch, crate = one.branch, one.crate
    bin = bin_name or one.bin
    match one.what:
        case What.FELL if one.crate:
            return text("crates.happened.fell.crate", branch=branch, bin=bin, crate=crate)
        case What.FELL:
            return text("crates.happened.fell", branch=branch, bin=bin)
        case What.GONE if bin:
            return text("crates.happened.beside", branch=branch, bin=bin)
        case What.GONE:
            return text("crates.happened.gone", branch=branch)
        case What.ONWARD:
            to = one.destination
            return text("crates.happened.onward", branch=branch, crate=crate, place=to)
        case What.DOCKED | What.CLOSED:
            chute = one.chute
            return text(
                f"crates.happened.{one.what.value}", branch=branch, crate=crate, chute=chute
            )
        case What.POINT | What.NETWORK:
            return text(f"crates.happened.{one.what.value}", branch=branch)
        case _:
            return text(f"crates.happened.{one.what.value}", branch=branch, crate=crate)
