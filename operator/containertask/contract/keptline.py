"""How a report tells of an output that lies in a store, in few bytes: a message has room for so many of them.

The key where nearly all keys are goes without saying, and a digest is there in base64. Standard library only.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

NO_FILES: Final = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
"""The digest of a folder with no file in it."""

_HEX: Final = re.compile(r"[0-9a-f]{64}")
_DIGEST_BYTES: Final = 32
_PACKED: Final = re.compile(r"[A-Za-z0-9+/]{43}")
_ENDS: Final = (".", "/")
"""How what comes behind the name of an output begins: an extension, or a folder's slash."""


def packed(name: str, key: str, size: int, sha256: str) -> list[str | int]:
    """Return what the report has under an output's name; without a digest if that is empty."""
    usual = f"outputs/{name}"
    rest = key.removeprefix(usual)
    if key.startswith(usual) and (not rest or rest.startswith(_ENDS)):
        key = rest
    if not sha256:
        return [key, size]
    if _HEX.fullmatch(sha256):
        sha256 = binascii.b2a_base64(bytes.fromhex(sha256), newline=False).decode().rstrip("=")
    return [key, size, sha256]


def unpacked(name: str, raw: object) -> tuple[str, int, str] | None:
    """Return key, size and digest again; None if it is something else."""
    match raw:
        case [str(), int() as size] if not isinstance(size, bool):
            return unpacked(name, [*raw, ""])
        case [str() as key, int() as size, str() as sha256] if not isinstance(size, bool):
            if not key or key.startswith(_ENDS):
                key = f"outputs/{name}{key}"
            if _PACKED.fullmatch(sha256):
                sha256 = binascii.a2b_base64(f"{sha256}=")[:_DIGEST_BYTES].hex()
            return key, size, sha256
    return None
