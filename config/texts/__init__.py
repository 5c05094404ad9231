"""Every word by key, in five languages."""

from config.texts.words import (
    LANGUAGES,
    Catalogue,
    Channel,
    Money,
    Named,
    Text,
    sentence,
    text,
    verbatim,
)

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "Channel",
    "Money",
    "Named",
    "Text",
    "sentence",
    "text",
    "verbatim",
]
