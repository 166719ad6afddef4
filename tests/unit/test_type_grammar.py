"""The type grammar: what is read, how it is written again, and errors that point at the character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.types.grammar import MAX_DEPTH, MAX_LENGTH, TypeSyntaxError, parse_type
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf

INTEGER, STRING = SimpleType.INTEGER, SimpleType.STRING

READ: dict[str, Type] = {
    **{one.value: one for one in (*SimpleType, *BareType, *StoredType)},
    'enum["a"]': EnumOf(("a",)),
    'enum["a","b c"]': EnumOf(("a", "b c")),
    'enum["]","[,"]': EnumOf(("]", "[,")),
    r'enum["\"","\\","ä",""]': EnumOf(('"', "\\", "ä", "")),
    "dataset[parquet]": DatasetOf("parquet"),
    "list[integer]": ListOf(INTEGER),
    "map[list[string]]": MapOf(ListOf(STRING)),
    "optional[integer]": OptionalOf(INTEGER),
    "list[optional[list[optional[integer]]]]": ListOf(OptionalOf(ListOf(OptionalOf(INTEGER)))),
    "union[integer,string]": UnionOf((INTEGER, STRING)),
    "optional[union[integer,list[union[string,integer]]]]": OptionalOf(
        UnionOf((INTEGER, ListOf(UnionOf((STRING, INTEGER)))))
    ),
}

BLANKS: dict[str, str] = {
    "  integer\t": "integer",
    " list [ integer ] ": "list[integer]",
    'enum [ "a" , "b" ]': 'enum["a","b"]',
    "union[ integer , string ]": "union[integer,string]",
    "dataset[ parquet ]": "dataset[parquet]",
    r'enum["ä"]': 'enum["ä"]',
}

REFUSED: dict[str, tuple[int, str]] = {
    "": (1, "a type's name has to stand here"),
    "   ": (4, "a type's name"),
    "7": (1, "a type's name"),
    "flot": (1, "`flot` is none: did you mean float?"),
    "Integer": (1, "did you mean integer?"),
    "int": (1, "did you mean"),
    "xyzzy": (1, "the names are integer, float"),
    "list": (5, "a type, such as [integer] has to follow"),
    "list[": (6, "a type's name"),
    "list[]": (6, "a type's name"),
    "list[flot]": (6, "`flot` is none"),
    "list[integer": (13, "`]` has to stand here"),
    "list[integer,string]": (13, "`]` has to stand here"),
    "list[integer]]": (14, "nothing may follow"),
    "integer string": (9, "nothing may follow"),
    "integer[string]": (8, "nothing may follow"),
    "list(integer)": (5, "has to follow"),
    "map[string,integer]": (11, "`]` has to stand here"),
    "enum": (5, "values in quotes"),
    "enum[]": (6, "in double quotes"),
    "enum[a]": (6, "in double quotes"),
    "enum['a']": (6, "in double quotes"),
    'enum["a",]': (10, "in double quotes"),
    'enum["a" "b"]': (10, "`]` has to stand here"),
    'enum["a]': (6, "no JSON string"),
    'enum["a\\x"]': (6, "no JSON string"),
    r'enum["\ud800"]': (6, "no JSON string"),
    'enum["a","b","a"]': (14, "there already"),
    "dataset": (8, "a format, such as [parquet]"),
    "dataset[]": (9, "a format, such as parquet"),
    'dataset["parquet"]': (9, "a format, such as parquet"),
    "dataset[../x]": (9, "a format"),
    "optional[optional[integer]]": (10, "optional already"),
    "optional[none]": (10, "optional already"),
    "union[integer,none]": (15, "optional inside a union: write optional[union[…]]"),
    "union": (6, "two types or more"),
    "union[integer]": (14, "two types or more"),
    "union[integer,]": (15, "a type's name"),
    "union[integer,integer]": (15, "integer is there already"),
    "union[integer,union[string,float]]": (15, "a union inside a union"),
    "union[optional[integer],string]": (7, "optional inside a union"),
    "\uff49nteger": (1, "a type's name"),
}


@pytest.mark.parametrize("text", READ)
def test_a_type_is_read_and_written_as_it_was(text: str) -> None:
    assert parse_type(text) == READ[text]
    assert str(parse_type(text)) == text


@pytest.mark.parametrize("text", BLANKS)
def test_blanks_and_escapes_do_not_matter(text: str) -> None:
    assert str(parse_type(text)) == BLANKS[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_type_is_refused_at_its_character(text: str) -> None:
    position, why = REFUSED[text]
    with pytest.raises(TypeSyntaxError) as caught:
        parse_type(text)
    assert (caught.value.position + 1, why in str(caught.value)) == (position, True), str(caught.value)
    assert f"at character {position}, " in str(caught.value)


def test_types_are_nested_to_a_depth_and_no_deeper() -> None:
    depth = MAX_DEPTH - 1
    assert parse_type("list[" * depth + "integer" + "]" * depth)
    with pytest.raises(TypeSyntaxError, match="nested deeper than 16 types") as caught:
        parse_type("list[" * MAX_DEPTH + "integer" + "]" * MAX_DEPTH)
    assert caught.value.position == len("list[") * MAX_DEPTH


def test_a_type_has_a_length_and_no_more() -> None:
    assert parse_type("integer".ljust(MAX_LENGTH))
    with pytest.raises(TypeSyntaxError, match="at most 1024 characters"):
        parse_type("integer".ljust(MAX_LENGTH + 1))


def test_a_message_shows_little_of_a_long_text() -> None:
    with pytest.raises(TypeSyntaxError) as caught:
        parse_type("x\n" * 400)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


LEAVES = st.one_of(
    st.sampled_from([*SimpleType, *BareType, *StoredType]),
    st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True).map(lambda some: EnumOf(tuple(some))),
    st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True).map(DatasetOf),
)


def _nested(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    plain = inner.filter(lambda one: not isinstance(one, (OptionalOf, BareType)))
    variants = plain.filter(lambda one: not isinstance(one, UnionOf))
    return st.one_of(
        inner.map(ListOf),
        inner.map(MapOf),
        plain.map(OptionalOf),
        st.lists(variants, min_size=2, max_size=3, unique=True).map(lambda some: UnionOf(tuple(some))),
    )


@given(st.recursive(LEAVES, _nested, max_leaves=6))
def test_every_type_is_read_as_it_is_written(kind: Type) -> None:
    text = str(kind)
    if len(text) <= MAX_LENGTH and text.count("[") < MAX_DEPTH:
        assert parse_type(text) == kind


@given(st.text(alphabet='abdegilnoprstu[]," \\', max_size=40))
def test_any_text_is_a_type_or_is_refused_within_itself(text: str) -> None:
    try:
        found = parse_type(text)
    except TypeSyntaxError as error:
        place = error.position
    else:
        place = 0
        assert parse_type(str(found)) == found
    assert 0 <= place <= len(text)
