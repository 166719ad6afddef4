"""``spec.secrets``: keys of Secrets that the command alone gets, as a variable or as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Annotated, Final

from pydantic import Field

from containertask.api.base import AbsolutePath, ApiModel, ObjectName, Rule
from containertask.api.structural import PATTERN_MESSAGE

MAX_SECRETS: Final = 64


class SecretSource(ApiModel):
    """One key of a Secret, and where the command finds it."""

    name: Annotated[ObjectName, Field(description="Name of the Secret, such as `database`.")]
    key: Annotated[
        str,
        Field(
            max_length=253,
            pattern=r"^[.]?[A-Za-z0-9_-][A-Za-z0-9._-]*$",
            json_schema_extra={PATTERN_MESSAGE: "write a Secret's key, such as password or tls.key"},
            description="Key in it, such as `password`.",
        ),
    ]
    env: Annotated[
        str | None,
        Field(
            max_length=256,
            pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$",
            json_schema_extra={
                PATTERN_MESSAGE: "write letters, digits, `_`, `-`, `.`; a letter or `_` first, such as TOKEN"
            },
            description="Variable that has the value, such as `DB_PASSWORD`; `env` may refer to it.",
        ),
    ] = None
    file: Annotated[
        AbsolutePath | None,
        Field(description="File that has the value, such as `/etc/db/password`; it cannot be written."),
    ] = None
    optional: Annotated[
        bool | None,
        Field(
            description="True: without Secret or key the variable is not set, and the file is empty. "
            "Default: the task waits for them."
        ),
    ] = None


_EACH: Final = "!has(self.secrets) || self.secrets.all(s, {})"
_FILE: Final = _EACH.format("!has(s.file) || ({})")
PLACE: Final = Rule(
    _EACH.format("has(s.env) != has(s.file)"),
    "each of secrets has exactly one of env (a variable) and file (a path)",
    ".secrets",
)
NOT_OURS: Final = Rule(
    _EACH.format("!has(s.env) || !s.env.startsWith('CT_')"),
    "an env of secrets that starts with CT_ belongs to containertask: choose another name",
    ".secrets",
)
ENV_ONCE: Final = Rule(
    _EACH.format(
        "!has(s.env) || (self.secrets.filter(o, has(o.env) && o.env == s.env).size() == 1 && "
        "(!has(self.env) || !self.env.exists(e, e.name == s.env)))"
    ),
    "a variable is set once, by secrets or by env: choose another name",
    ".secrets",
)
NORMALISED: Final = Rule(
    _FILE.format("!s.file.split('/').exists(part, part == '.' || part == '..')"),
    "a file of secrets must be normalised: no `.` or `..` in it",
    ".secrets",
)
NOT_RESERVED: Final = Rule(
    _FILE.format("!s.file.matches('^(/ct|/proc|/sys|/dev)(/|$)')"),
    "a file of secrets may not be in /ct, /proc, /sys or /dev: choose a path such as /etc/db/password",
    ".secrets",
)
_NESTED: Final = "({a} + '/').startsWith({b} + '/') || ({b} + '/').startsWith({a} + '/')"
APART: Final = Rule(
    _FILE.format(
        " && ".join(f"!({_NESTED.format(a='s.file', b=f'self.{one}')})" for one in ("inputDir", "outputDir"))
    ),
    "a file of secrets may be neither inside inputDir or outputDir nor above them: choose another path",
    ".secrets",
)
FILES_APART: Final = Rule(
    _FILE.format(
        "self.secrets.filter(o, has(o.file) && (o.file + '/').startsWith(s.file + '/')).size() == 1"
    ),
    "each file of secrets has a path of its own, and none is inside another: choose another path",
    ".secrets",
)
SECRET_RULES: Final = (PLACE, NOT_OURS, ENV_ONCE, NORMALISED, NOT_RESERVED, APART, FILES_APART)


def contradictions(
    secrets: Sequence[SecretSource],
    variables: frozenset[str],
    folders: Sequence[str],
    reserved: Sequence[str],
) -> Iterator[Rule]:
    """Yield the rules that do not hold, each once; ``variables`` and ``folders`` are the spec's others."""
    names = [one.env for one in secrets if one.env is not None]
    files = [one.file for one in secrets if one.file is not None]
    if any((one.env is None) == (one.file is None) for one in secrets):
        yield PLACE
    if any(name.startswith("CT_") for name in names):
        yield NOT_OURS
    if len({*names}) < len(names) or not variables.isdisjoint(names):
        yield ENV_ONCE
    if any(not {".", ".."}.isdisjoint(file.split("/")) for file in files):
        yield NORMALISED
    if any(_within(file, folder) for file in files for folder in reserved):
        yield NOT_RESERVED
    if any(_nested(file, folder) for file in files for folder in folders):
        yield APART
    if any(_nested(first, second) for first, second in combinations(files, 2)):
        yield FILES_APART


def _nested(path: str, other: str) -> bool:
    return _within(path, other) or _within(other, path)


def _within(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/")
