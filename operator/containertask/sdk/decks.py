"""A task's deck, as flytekit's keywords tell of it. It is carried in the template; no page is made here."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from containertask.sdk.wording import nearest


class DeckField(enum.StrEnum):
    """A panel of a deck."""

    SOURCE_CODE = "Source Code"
    DEPENDENCIES = "Dependencies"
    TIMELINE = "Timeline"
    INPUT = "Input"
    OUTPUT = "Output"


def deck_enabled(*, enable: bool | None, disable: bool | None) -> bool:
    """Tell whether there is to be a deck: not, where nothing is said. Raises ValueError: both are said."""
    if enable is not None and disable is not None:
        raise ValueError("only one of enable_deck and disable_deck can be given: keep enable_deck")
    return bool(enable) if enable is not None else disable is False


def deck_fields(given: Iterable[object] | None, *, enabled: bool) -> tuple[DeckField, ...]:
    """Return the panels: all, where none are said; none, where there is no deck. Raises ValueError."""
    if not enabled:
        return ()
    return tuple(DeckField) if given is None else tuple(map(_field, given))


def _field(given: object) -> DeckField:
    name = str(getattr(given, "name", given))
    found = {one.name: one for one in DeckField} | {one.value: one for one in DeckField}
    if name not in found:
        raise ValueError(f"deck_fields: there is no {name:.40}: {nearest(name, DeckField.__members__)}")
    return found[name]
