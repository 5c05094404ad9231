"""Labels of crates and chutes as they are compared: their letters and digits, however somebody spells the rest."""

PUNCTUATION = ".:/_-"
"""What a label that is written down may have between its letters and digits."""


def bare(label: str) -> str:
    """Equal for labels that are one: case, spaces and punctuation do not count."""
    return "".join(sign for sign in label.upper() if sign.isalnum())
