"""What an SDK cannot read or write as it is, said out loud: a release that mends it fails here."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from containertask.codec.errors import CodecError
from containertask.codec.literals import from_literal_map
from containertask.codec.stored import LocalPath
from containertask.codec.typed import AnyValue
from containertask.types.grammar import parse_type
from interop import limits
from interop.peer import Answers

AMBIGUOUS = "Ambiguous choice of variant for union type"


def ours(kind: str, data: bytes) -> AnyValue:
    return from_literal_map({"o0": parse_type(kind)}, data)["o0"]


def test_an_sdks_protobuf_holds_the_bytes_of_a_binary(sdk: Answers) -> None:
    assert sdk.binary() == limits.BYTES


def test_neither_sdk_reads_a_binary_as_bytes_which_are_pickles_to_them(
    flytekit: Answers, flyte: Answers
) -> None:
    assert "'NoneType' object has no attribute 'uri'" in flytekit.refusal("bytes")
    assert "invalid load key" in flyte.refusal("bytes")


def test_flytekit_writes_bytes_as_a_pickled_file(flytekit: Answers) -> None:
    (written,) = flytekit.written("bytes")
    with pytest.raises(CodecError, match="of kind blob is not of type binary"):
        ours("binary", written)
    file = ours("file", written)
    assert isinstance(file, LocalPath)
    assert pickle.loads(Path(file.path).read_bytes()) == limits.BYTES  # noqa: S301 - made a moment ago


def test_flyte_2_writes_bytes_as_a_binary_that_is_a_pickle(flyte: Answers) -> None:
    for written in flyte.written("bytes"):
        found = ours("binary", written)
        assert isinstance(found, bytes)
        assert pickle.loads(found) == limits.BYTES  # noqa: S301 - made a moment ago


def test_an_enum_is_its_value_to_flytekit(flytekit: Answers) -> None:
    assert flytekit.read("enum by value") == [{"o0": "<Size.LARGE: 'large'>"}]
    assert "'LARGE' is not a valid Size" in flytekit.refusal("enum by name")
    (written,) = flytekit.written("named enum")
    assert ours('enum["small","large"]', written) == "large"


def test_an_enum_is_its_name_to_flyte_2(flyte: Answers) -> None:
    assert flyte.read("enum by name") == [{"o0": "<Size.LARGE: 'large'>"}] * 2
    assert "'large'" in flyte.refusal("enum by value")
    for written in flyte.written("named enum"):
        assert ours('enum["SMALL","LARGE"]', written) == "LARGE"
        with pytest.raises(CodecError, match="`LARGE` is none of the enum's values: small, large"):
            ours('enum["small","large"]', written)


def test_flyte_2_reads_no_struct_of_a_union_with_a_boolean(flytekit: Answers, flyte: Answers) -> None:
    assert flytekit.read("struct beside boolean") == [{"o0": "Point(x=3, name='p', inner={})"}]
    assert AMBIGUOUS in flyte.refusal("struct beside boolean")


def test_flyte_2_does_not_tell_empty_lists_of_a_union_apart(flytekit: Answers, flyte: Answers) -> None:
    assert flytekit.read("empty list beside another") == [{"o0": "[]"}]
    assert AMBIGUOUS in flyte.refusal("empty list beside another")


def test_neither_sdk_writes_an_empty_list_of_such_a_union(sdk: Answers) -> None:
    with pytest.raises(AssertionError, match=r"TypeError"):
        sdk.written("empty list beside another")


def test_python_cuts_nanoseconds(sdk: Answers) -> None:
    shown = "datetime.datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=datetime.timezone.utc)"
    assert {one["o0"] for one in sdk.read("nanoseconds")} == {shown}


def test_flytekit_reads_no_list_of_ours_in_a_dataclass_with_annotations_from_the_future(
    flytekit: Answers, flyte: Answers
) -> None:
    assert "Only generic univariate typing.List[T] type is supported" in flytekit.refusal("late dataclass")
    assert flyte.read("late dataclass") == [{"o0": "Late(items=[1])"}] * 2


def test_an_integer_beyond_doubles_in_an_sdks_struct_is_kept(sdk: Answers) -> None:
    for written in sdk.written("precise dict"):
        assert ours("struct", written) == {"n": 2**60}


def test_a_dict_whose_keys_are_no_strings_is_refused(sdk: Answers) -> None:
    for written in sdk.written("numbered dict"):
        with pytest.raises(CodecError, match="keys that are no strings"):
            ours("struct", written)


def test_a_path_is_a_path_to_both_sides(sdk: Answers) -> None:
    assert {one["o0"] for one in sdk.read("local file")} == {f"File({limits.HERE})"}
    for written in sdk.written("local file"):
        found = ours("file", written)
        assert isinstance(found, LocalPath)
        assert Path(found.path).read_text() == "made here"


def test_what_is_absent_is_none_whatever_its_type(sdk: Answers) -> None:
    assert {one["o0"] for one in sdk.read("absent boolean")} == {"None"}


def test_why_none_is_marked_flyte_2_takes_it_for_a_boolean_and_for_a_list(
    flytekit: Answers, flyte: Answers
) -> None:
    for name in ("bare none for a boolean", "bare none for a list"):
        assert flytekit.read(name) == [{"o0": "None"}]
        assert AMBIGUOUS in flyte.refusal(name)


def test_why_members_of_unions_are_marked(flytekit: Answers, flyte: Answers) -> None:
    assert AMBIGUOUS in flytekit.refusal("bare integer beside float")
    assert AMBIGUOUS in flyte.refusal("bare integer beside float")
    assert flytekit.read("bare string beside boolean") == [{"o0": "''"}]
    assert AMBIGUOUS in flyte.refusal("bare string beside boolean")
