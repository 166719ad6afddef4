"""Strings, booleans and JSON objects: file content and JSON, both ways."""

from __future__ import annotations

import json
from typing import Final, NoReturn

from containertask.codec.errors import CodecError
from containertask.codec.numbers import INT64
from containertask.words import kind, shown

MAX_DEPTH: Final = 32
"""How deep a struct may be nested: protobuf's reader refuses a Flyte literal with a deeper one."""

JsonObject = dict[str, object]

_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def decode(data: bytes) -> str:
    """Read UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise CodecError(f"byte {error.start} is not UTF-8: write the file in UTF-8") from None


def string_from_text(text: str) -> str:
    """Take all of it, but for one newline at the end, which `echo` adds."""
    return text.removesuffix("\n")


def string_from_json(raw: object) -> str:
    """Take a JSON string."""
    if not isinstance(raw, str):
        raise CodecError(f"{kind(raw)} is not a string: put it in quotes")
    _encodable(raw)
    return raw


def boolean_from_text(text: str) -> bool:
    """Read what Go's ParseBool reads: true, false, 1, 0, t, f and their capitals."""
    text = text.strip(" \t\r\n")
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CodecError(f"`{shown(text)}` is not a boolean: write true or false")


def boolean_from_json(raw: object) -> bool:
    """Take true or false; a string or number is not guessed at."""
    if not isinstance(raw, bool):
        raise CodecError(f"{kind(raw)} is not a boolean: write true or false, without quotes")
    return raw


def struct_from_text(text: str) -> JsonObject:
    """Read one JSON object."""
    return struct_from_json(json_from_text(text))


def json_from_text(text: str) -> object:
    """Read any JSON; what it may hold is the matter of its type."""
    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise CodecError(f"nested deeper than {MAX_DEPTH} levels") from None
    except CodecError:
        raise
    except ValueError as error:
        raise CodecError(f"not JSON: {error}") from None


def _finite(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise CodecError(f"`{shown(digits)}` is beyond the range of a float")
    return value


def _object(pairs: list[tuple[str, object]]) -> JsonObject:
    """Make an object; of two values under one name the first would be lost without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for twice, _ in pairs:
            if twice in seen:
                break
            seen.add(twice)
        raise CodecError(f"the name `{shown(twice)}` is there twice in an object")
    return found


def struct_from_json(raw: object) -> JsonObject:
    """Take a JSON object whose every part can be written again."""
    if not isinstance(raw, dict):
        raise CodecError(f"{kind(raw)} is not a struct: write a JSON object such as {{}}")
    _check(raw, MAX_DEPTH)
    return raw


def is_struct(value: object) -> bool:
    """Tell whether a value is a JSON object through all of its parts: a map may hold what JSON has not."""
    try:
        struct_from_json(value)
    except CodecError:
        return False
    return True


def compact(raw: object) -> str:
    """Write JSON without blanks, keys in order."""
    return json.dumps(raw, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _check(raw: object, depth: int) -> None:
    if depth == 0:
        raise CodecError(f"nested deeper than {MAX_DEPTH} levels")
    match raw:
        case dict():
            for key, value in raw.items():
                _check_key(key)
                _check(value, depth - 1)
        case list():
            for value in raw:
                _check(value, depth - 1)
        case str():
            _encodable(raw)
        case float() if raw != raw or raw in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN
            _refuse_constant(str(raw))
        case bool() | float() | None:
            pass
        case int():
            _check_integer(raw)
        case _:
            raise CodecError(f"{kind(raw)} is not JSON")


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        raise CodecError(f"{kind(key)} as a name in an object: put it in quotes")
    _encodable(key)


def _check_integer(raw: int) -> None:
    if raw not in INT64:
        raise CodecError("an integer that does not fit 64 bits: write it as a string")


def _encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CodecError(f"character {error.start} is half a surrogate pair") from None


def _refuse_constant(name: str) -> NoReturn:
    raise CodecError(f"{name} has no place in JSON: use a string or null")
