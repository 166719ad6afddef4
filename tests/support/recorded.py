"""What a real node and a real API server said when a Pod could not start: recordings made by hack/record.py.

They are read as they are; a test that needs them to be a task's changes its own copy.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

_FOLDER: Final = Path(__file__).resolve().parents[1] / "recorded"


def pod(name: str) -> Json:
    """Return a Pod at the moment that the recording is about, as the API server showed it."""
    return _part(name, "pod")


def refusal(name: str) -> Json:
    """Return code, reason and message of a creation that was refused."""
    return _part(name, "refusal")


def _part(name: str, part: str) -> Json:
    found: Json = json.loads((_FOLDER / f"{name}.json").read_text())[part]
    return found
