"""One thing that lies at a URI, on its way: which of the three ways of fetching it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from containertask.codec.stored import Shape
from containertask.contract.outcome import Outcome
from containertask.contract.stores import ClaimPlace, WebPlace
from containertask.copilot.journal import FailureError
from containertask.copilot.stores import Stores, Target
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import UnfitError
from containertask.copilot.transfer.keys import bare, shown
from containertask.copilot.transfer.limits import Allowed, Room
from containertask.copilot.transfer.wanted import Moved, Spot, Wanted

if TYPE_CHECKING:
    from containertask.copilot.transfer.fetch import Fetch
    from containertask.copilot.transfer.webask import Web

_FIRST_LEAST: Final = 1 << 20
_FIRST_MOST: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to be brought for the input ``name``; ``spot`` says where to, and is told what to call it.

    ``most`` is a limit in bytes of this alone, and a text that explains it. ``named``: the task itself names
    the URI, so the operator knew it. ``may_be_empty`` is as of ``Wanted``.
    """

    name: str
    uri: str
    shape: Shape
    spot: Callable[[str], Spot]
    room: Room
    sha256: str | None = None
    most: tuple[int, str] | None = None
    named: bool = True
    may_be_empty: bool = False


class Bringing:
    """Has a crew run ``count`` errands; its methods are called by the thread that hands out."""

    def __init__(self, crew: Crew, stores: Stores, moved: Moved, count: int) -> None:
        self._crew, self._stores, self._moved = crew, stores, moved
        # So many that all of them have their first bytes at once, as far as there is memory.
        self._first = max(_FIRST_LEAST, min(_FIRST_MOST, crew.memory // 2 // max(count, 1)))
        self._fetch: Fetch | None = None
        self._webs: dict[str, Web] = {}

    def begin(self, errand: Errand) -> None:
        """Hand it out; raises TransferError, FailureError, StoppedError."""
        target = self._target(errand)
        shape = errand.shape
        if not isinstance(target.store.place, WebPlace) and target.at.is_folder:
            if shape is Shape.FILE:
                raise UnfitError(f"`{shown(errand.uri)}` is the URI of a folder, and a file is wanted")
            shape = Shape.FOLDER
        store = target.store
        allowed = Allowed(errand.room, store.max_object_bytes, store.max_objects, errand.most)
        wanted = Wanted(
            target.at.key,
            errand.sha256,
            allowed=allowed,
            whose=errand.name,
            may_be_empty=errand.may_be_empty,
        )
        match store.place:
            case ClaimPlace():
                self._from_claim(target, wanted, errand, shape)
            case WebPlace() as place:
                self._from_web(target, place, wanted, errand)
            case _:
                self._from_objects(target, wanted, errand, shape)

    def _target(self, errand: Errand) -> Target:
        try:
            return self._stores.target(errand.uri)
        except FailureError as error:
            if errand.named:
                raise
            text = f"input `{errand.name}`: its value names `{bare(errand.uri)}`: {error}"
            raise FailureError(Outcome.INVALID_INPUT, text, errand.name) from None

    def _from_objects(self, target: Target, wanted: Wanted, errand: Errand, shape: Shape) -> None:
        if self._fetch is None:
            from containertask.copilot.transfer.fetch import Fetch  # noqa: PLC0415 - obstore is slow to load

            self._fetch = Fetch(self._crew, self._moved, self._first)
        place = self._stores.place(target.store)
        spot = errand.spot(place.shown(wanted.key))
        match shape:
            case Shape.FILE:
                self._fetch.file(place, wanted, spot.file)
            case Shape.FOLDER:
                key = wanted.key.removesuffix("/")
                self._fetch.folder(place, replace(wanted, key=f"{key}/" if key else ""), spot)
            case Shape.EITHER:
                self._fetch.either(place, wanted, spot)

    def _from_claim(self, target: Target, wanted: Wanted, errand: Errand, shape: Shape) -> None:
        from containertask.copilot.claims import Copying  # noqa: PLC0415 - of claims alone
        from containertask.copilot.claimtree import Claim  # noqa: PLC0415 - as above
        from containertask.copilot.untrusted import FILE, FOLDER  # noqa: PLC0415 - as above

        claim = Claim(f"{self._stores.folder}/{target.store.id}/volume", target.at.root)
        kinds = {Shape.FILE: (FILE,), Shape.FOLDER: (FOLDER,), Shape.EITHER: (FILE, FOLDER)}[shape]
        Copying(self._crew, self._moved).copy(claim, wanted, errand.spot(claim.shown(wanted.key)), *kinds)

    def _from_web(self, target: Target, place: WebPlace, wanted: Wanted, errand: Errand) -> None:
        if errand.shape is Shape.FOLDER:
            cure = "name each file in a list[file], or put the folder into a bucket"
            raise UnfitError(
                f"`{bare(errand.uri)}` is to be a folder, and web servers have only files: {cure}"
            )
        from containertask.copilot.webstore import bring, web_of  # noqa: PLC0415 - of the web alone

        web = self._webs.get(target.store.id)
        if web is None:
            web = self._webs[target.store.id] = web_of(target.store, place, self._stores.folder)
        spot = errand.spot(f"`{bare(errand.uri)}`")
        bring(self._crew, web, replace(wanted, key=errand.uri), spot, self._moved)
