"""Values stay mere data: whatever they hold, they arrive exactly, each within its element, or are refused."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from containertask.codec import layout, text, trees, typed
from containertask.codec.stored import LocalPath, Stored
from containertask.codec.templates import (
    MAX_BYTES,
    InputView,
    Scope,
    TemplateError,
    render,
    render_all,
)
from containertask.types.leaves import SimpleType, StoredType
from containertask.types.model import ListOf, MapOf, OptionalOf, Type
from support.expansion import HOSTILE_VALUES, expanded, hostile_texts, literals, own_references
from support.typedvalues import filed_types, stored_types, value_types, with_value


def view(kind: Type, value: object, name: str = "v") -> InputView:
    """Return an input as the operator hands it to templates."""
    path = f"/in/{name}"
    return InputView(kind=kind, value=layout.placed(kind, value, path), path=path)


def text_of(value: str) -> Scope:
    return Scope(inputs={"v": view(SimpleType.STRING, value)}, fixed={"name": "n"})


@pytest.mark.parametrize("value", HOSTILE_VALUES.values(), ids=HOSTILE_VALUES)
def test_a_hostile_value_arrives_exactly(value: str) -> None:
    rendered = render_all(
        command=["{{.inputs.v}}", "a{{.inputs.v}}b{{.inputs.v}}"],
        args=["$({{.inputs.v}})", "${{.inputs.v}}(HOME)", "$(HOME{{.inputs.v}})"],
        env={"V": "{{.inputs.v}}"},
        scope=text_of(value),
    )
    assert [expanded(one) for one in rendered.command] == [value, f"a{value}b{value}"]
    assert [expanded(one) for one in rendered.args] == [f"$({value})", f"${value}(HOME)", f"$(HOME{value})"]
    assert expanded(rendered.env["V"]) == value


@pytest.mark.parametrize("value", HOSTILE_VALUES.values(), ids=HOSTILE_VALUES)
def test_a_real_shell_reads_a_quoted_value_as_one_word(value: str) -> None:
    script = expanded(render("printf '<%s>' {{.inputs.v | sh}} {{.inputs.v.json | sh}}", text_of(value)))
    done = subprocess.run(["sh", "-c", script], check=True, capture_output=True)
    assert done.stdout.decode() == f"<{value}><{text.compact(value)}>"


@given(hostile_texts | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
@settings(max_examples=60, deadline=None)
def test_any_shell_gets_any_value_that_is_quoted(value: str) -> None:
    word = expanded(render("{{.inputs.v | sh}}", text_of(value)))
    assert shlex.split(word) == [value]
    done = subprocess.run(["sh", "-c", f"printf %s {word}"], check=True, capture_output=True)
    assert done.stdout.decode() == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "a\0b",
            "{{.inputs.v}}: a NUL character, which no process can get in an argument: use .path, and read",
        ),
        ("\ud800", "{{.inputs.v}}: half a surrogate pair, which is no text: remove it"),
        ("x\udfff", "{{.inputs.v}}: half a surrogate pair, which is no text: remove it"),
    ],
)
def test_what_no_process_can_get_is_refused(value: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render("{{.inputs.v}}", text_of(value))
    assert str(caught.value).startswith(message)
    with pytest.raises(TemplateError):
        render(value, Scope())


TOO_LONG: Final = "more than 131071 bytes, which an argument has at most: use .path, and read the file"


@pytest.mark.parametrize("letter", ["x", "é", "€", "𝄞", "$", "'"])
def test_an_element_takes_as_many_bytes_as_linux_does_and_not_one_more(letter: str) -> None:
    whole, rest = divmod(MAX_BYTES, len(letter.encode()))
    value = letter * whole + "x" * rest
    assert expanded(render("{{.inputs.v}}", text_of(value))) == value
    for template, written in (("{{.inputs.v}}", value + "x"), ("{{.inputs.v}}x", value), (value + "x", "")):
        with pytest.raises(TemplateError) as caught:
            render(template, text_of(written))
        assert str(caught.value).removeprefix("{{.inputs.v}}: ") == TOO_LONG


def test_what_a_shell_needs_for_quotes_takes_room_too() -> None:
    value = "'" * (MAX_BYTES // 5)
    assert render("{{.inputs.v}}", text_of(value)) == value
    with pytest.raises(TemplateError) as caught:
        render("{{.inputs.v | sh}}", text_of(value))
    assert str(caught.value) == f"{{{{.inputs.v | sh}}}}: {TOO_LONG}"


def test_linux_itself_takes_an_element_of_this_size_and_not_one_more() -> None:
    command = ["true", "x" * MAX_BYTES]
    assert subprocess.run(command, check=False).returncode == 0
    with pytest.raises(OSError, match="Argument list too long"):
        subprocess.run([*command, "x" * (MAX_BYTES + 1)], check=False)


# --- Any type, any value, any template ---

forms: Final = st.sampled_from(["", ".json", ".path", ".uri", " | sh", ".json | sh", ".path|sh", ".uri | sh"])


def wanted(one: InputView, form: str) -> str | None:
    """Return what a token has to be, by the files and the JSON of the value; None is a refusal."""
    word, _, quoted = form.partition("|")
    found = {".path": lambda _: one.path, ".json": as_json, ".uri": as_uri, "": as_text}[word.strip()](one)
    if found is None or "\0" in found:
        return None
    return shlex.quote(found) if quoted else found


def as_json(one: InputView) -> str:
    return "null" if one.value is None else text.compact(typed.to_json(one.kind, one.value))


def as_uri(one: InputView) -> str | None:
    if one.value is None:
        return "" if typed.holds(one.kind, Stored("s3://b/k")) else None
    return one.value.uri if isinstance(one.value, Stored) else None


def as_text(one: InputView) -> str | None:
    match one.value:
        case LocalPath(path):
            return path
        case bytes() | Stored():
            return None
        case list() | dict():
            return as_json(one)
    tree = trees.to_tree(one.kind, one.value)
    assert not isinstance(tree, Mapping)
    return (tree or b"").decode()


hostile_trees: Final = st.tuples(
    st.just(ListOf(MapOf(SimpleType.STRING))),
    st.lists(st.dictionaries(hostile_texts, hostile_texts, max_size=2), max_size=2),
)


@given(
    one=with_value(st.one_of(value_types, filed_types, stored_types)) | hostile_trees,
    elements=st.lists(st.lists(st.tuples(literals, forms), max_size=3), min_size=1, max_size=4),
    rest=literals,
)
@example(one=(OptionalOf(StoredType.DIRECTORY), None), elements=[[("$", ".uri")]], rest="(HOME)")
@settings(max_examples=500)
def test_no_value_of_any_type_changes_the_number_of_elements_or_what_stands_around_it(
    one: tuple[Type, Any], elements: list[list[tuple[str, str]]], rest: str
) -> None:
    scope = Scope(inputs={"v": view(*one)})
    whole = [
        [(own_references(own), wanted(scope.inputs["v"], form)) for own, form in parts] for parts in elements
    ]
    templates = ["".join(f"{own}{{{{.inputs.v{form}}}}}" for own, form in parts) + rest for parts in elements]
    env = {"V": templates[0]}
    if any(value is None for parts in whole for _, value in parts):
        with pytest.raises(TemplateError, match=r"^command\[\d\]: \{\{\.inputs\.v"):
            render_all(command=templates, args=templates, env=env, scope=scope)
        return
    rendered = render_all(command=templates, args=templates, env=env, scope=scope)
    found = [expanded(element) for element in rendered.command]
    assert found == [
        "".join(f"{own}{value}" for own, value in parts) + own_references(rest) for parts in whole
    ]
    assert (rendered.args, rendered.env) == (rendered.command, {"V": rendered.command[0]})


@given(st.lists(st.tuples(literals, hostile_texts), max_size=4), literals)
@example([("echo $(date; echo $(SECRET", ")")], "")
@example([("$(a$", "(HOME)")], "")
@example([("$($(", ")")], "")
@example([("$é", "x")], "$é")
@settings(max_examples=1000)
def test_a_value_arrives_exactly_whatever_it_and_its_surroundings_hold(
    parts: list[tuple[str, str]], rest: str
) -> None:
    """Each part of the user's own text means what it means alone; each value is what it is."""
    scope = Scope(
        inputs={f"v{number}": view(SimpleType.STRING, value) for number, (_, value) in enumerate(parts)}
    )
    template = (
        "".join(f"{literal}{{{{.inputs.v{number}}}}}" for number, (literal, _) in enumerate(parts)) + rest
    )
    whole = "".join(own_references(literal) + value for literal, value in parts) + own_references(rest)
    assert expanded(render(template, scope)) == whole


@given(st.lists(st.text(), max_size=4), st.text())
@settings(max_examples=300)
def test_any_text_at_all_is_as_many_elements_or_a_message(templates: list[str], value: str) -> None:
    """The user's own text, too, with whatever it holds."""
    args = ["{{.inputs.v}}", *templates]
    try:
        rendered = render_all(command=templates, args=args, env={}, scope=text_of(value))
    except TemplateError as error:
        message = str(error)
    else:
        message = ""
        assert (len(rendered.command), len(rendered.args)) == (len(templates), len(args))
        assert expanded(rendered.args[0]) == value
    assert len(message) < 300
