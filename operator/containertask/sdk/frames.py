"""The form of a DataFrame of pandas or polars: a folder of one table in Parquet.

Neither package is imported here but where an annotation is of it, and so is loaded already.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from containertask.errors import MissingToolError
from containertask.sdk.files import Dir, Fetch
from containertask.sdk.forms import Form, Place, Wire, checked
from containertask.sdk.wording import kind_of
from containertask.types.model import DatasetOf

KIND: Final = DatasetOf("parquet")
_PACKAGES: Final = ("pandas", "polars")
_PART: Final = "part-0.parquet"


def is_frame(annotation: object) -> bool:
    """Tell whether it is one of their DataFrames, by its name."""
    package = getattr(annotation, "__module__", "").partition(".")[0]
    return package in _PACKAGES and getattr(annotation, "__name__", "") == "DataFrame"


def frame_of(frame: Any) -> Form:  # noqa: ANN401 - a class of theirs
    """Return the form of one of their classes."""
    package: str = frame.__module__.partition(".")[0]

    def write(value: object, where: str, place: Place) -> Wire:
        if isinstance(value, Dir):
            return {"uri": value.uri} if value.uri is not None else place(value, KIND, where)
        if not isinstance(value, frame):
            raise TypeError(f"{where}: {kind_of(value)} where a DataFrame of {package} is wanted")
        folder = _folder()
        _write(value, folder / _PART, package)
        return place(Dir(folder), KIND, where)

    def read(raw: Wire, where: str, fetch: Fetch | None) -> Any:  # noqa: ANN401 - one of theirs
        checked(KIND, raw, where)
        with Dir(uri=raw["uri"], fetch=fetch).fetched() as folder:
            return _read(sorted(folder.rglob("*.parquet")), package, where)

    return Form(KIND, lambda value: isinstance(value, frame | Dir), write, read)


def _folder() -> Path:
    """Return a new folder, which is there until this process ends: nobody knows when a run has read it."""
    folder = Path(tempfile.mkdtemp(prefix="containertask-"))
    atexit.register(_removed, folder, os.getpid())
    return folder


def _removed(folder: Path, maker: int) -> None:
    if os.getpid() == maker:  # a child that was forked ends earlier
        shutil.rmtree(folder, ignore_errors=True)


def _write(value: Any, path: Path, package: str) -> None:  # noqa: ANN401 - one of theirs
    try:
        if package == "pandas":
            value.to_parquet(path)
        else:
            value.write_parquet(path)
    except ImportError:
        raise MissingToolError("pandas writes Parquet by pyarrow: pip install pyarrow") from None


def _read(paths: list[Path], package: str, where: str) -> Any:  # noqa: ANN401 - as above
    if not paths:
        raise ValueError(f"{where}: there is no .parquet in its folder")
    package_itself: Any = sys.modules[package]
    try:
        tables = [package_itself.read_parquet(path) for path in paths]
    except ImportError:
        raise MissingToolError("pandas reads Parquet by pyarrow: pip install pyarrow") from None
    if len(tables) == 1:
        return tables[0]
    # Where rows are only counted, those of the second file go on from the first; other labels stay.
    counted = package == "pandas" and all(isinstance(one.index, package_itself.RangeIndex) for one in tables)
    return package_itself.concat(tables, **({"ignore_index": True} if counted else {}))
