"""One run of each SDK for all tests: to import one takes seconds."""

from __future__ import annotations

from typing import Final

import pytest

from containertask.codec.literals import to_literal_map
from containertask.types.leaves import SimpleType
from interop import limits, peer
from interop.cases import CASES
from interop.peer import Answers, Read
from testbed.sdks import SDKS

BINARY: Final = to_literal_map({"o0": SimpleType.BINARY}, {"o0": limits.BYTES})


def _reads() -> dict[str, Read]:
    each = {
        name: Read({"o0": name}, to_literal_map({"o0": one.kind}, {"o0": one.value}))
        for name, one in CASES.items()
    }
    kinds = {name: one.kind for name, one in CASES.items()}
    values = {name: one.value for name, one in CASES.items()}
    together = Read({name: name for name in CASES}, to_literal_map(kinds, values))
    return {**each, "all together": together, **limits.READS}


@pytest.fixture(scope="session")
def flytekit(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return peer.run("flytekit", tmp_path_factory.mktemp("flytekit"), _reads(), BINARY)


@pytest.fixture(scope="session")
def flyte(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return peer.run("flyte", tmp_path_factory.mktemp("flyte"), _reads(), BINARY)


@pytest.fixture(scope="session", params=SDKS)
def sdk(request: pytest.FixtureRequest) -> Answers:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Answers)
    return found
