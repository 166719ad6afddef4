"""Text from elsewhere on its way to a terminal, which would obey what is no letter in it."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return a text with a blank for each character that a terminal does not show but acts on."""
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


def flat(text: str) -> str:
    """Return it as one line, with one blank where there were more."""
    return " ".join(plain(text).split())
