"""The keys of a profile of the AWS tools: obstore knows the environment only, and most people have these."""

from __future__ import annotations

import configparser
import os
from pathlib import Path
from typing import Final

from containertask.errors import TransferError

_FIELDS: Final = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
}
_KEYS: Final = ("access_key_id", "secret_access_key")
_CURE: Final = "or run `aws configure export-credentials --format env`, which prints those of any profile"


def profile_keys() -> dict[str, str]:
    """Return the keys of the profile that is meant, as obstore has them; nothing where there are none.

    A profile is meant by AWS_PROFILE, else it is ``default``; the file is AWS_SHARED_CREDENTIALS_FILE, else
    ``~/.aws/credentials``. Raises TransferError for a profile that is named and has no keys of its own.
    """
    named = os.environ.get("AWS_PROFILE")
    path = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser()
    section = _section(path, named or "default")
    found = {ours: section[theirs] for theirs, ours in _FIELDS.items() if section.get(theirs)}
    if all(name in found for name in _KEYS):
        return found
    if named:
        raise TransferError(
            f"AWS_PROFILE: {path} has no keys of a profile {named}: write them there, {_CURE}"
        )
    return {}


def _section(path: Path, name: str) -> dict[str, str]:
    """Return a section; no text of the parser's goes on, for it quotes lines of the file."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return {}
    return dict(parser[name]) if parser.has_section(name) else {}
