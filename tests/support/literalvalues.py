"""Values that Flyte's literals hold as they are: in a struct, protobuf has no numbers but doubles."""

from __future__ import annotations

import math
from typing import Any

from containertask.codec import typed
from containertask.codec.typed import AnyValue
from containertask.types.leaves import SimpleType
from containertask.types.model import ListOf, MapOf, OptionalOf, Type, UnionOf

EXACT = 2**53


def fitting(kind: Type, value: AnyValue) -> AnyValue:
    """Return the value with its structs as they come back from a literal."""
    match kind, value:
        case _, None:
            return None
        case SimpleType.STRUCT, _:
            return doubles(value)
        case ListOf(item), list():
            return [fitting(item, one) for one in value]
        case MapOf(item), dict():
            return {key: fitting(item, one) for key, one in value.items()}
        case OptionalOf(item), _:
            return fitting(item, value)
        case UnionOf(), _:
            return fitting(typed.variant_of(kind, value), value)
    return value


def doubles(raw: object) -> Any:
    """Return JSON as it is once its numbers were doubles: 1.0 is 1, and large integers are not there."""
    match raw:
        case dict():
            return {name: doubles(value) for name, value in raw.items()}
        case list():
            return [doubles(value) for value in raw]
        case float() if raw.is_integer() and abs(raw) <= EXACT and (raw or math.copysign(1, raw) > 0):
            return int(raw)
        case bool():
            return raw
        case int() if abs(raw) > EXACT:
            return str(raw)
    return raw
