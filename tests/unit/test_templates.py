"""Argument templates: what each token becomes, what is refused, and that values stay mere data."""

from __future__ import annotations

import math
import re
import shlex

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from containertask.codec.simple import Value
from containertask.codec.templates import (
    MAX_BYTES,
    MAX_TOTAL_BYTES,
    Rendered,
    Scope,
    TemplateError,
    render,
    render_all,
)
from containertask.codec.times import Instant, Span

INPUTS: dict[str, Value | None] = {
    "i": 42,
    "f": 1e21,
    "nan": math.nan,
    "s": "it's $5",
    "b": True,
    "t": Instant(0),
    "d": Span(5400 * 10**9),
    "o": {"k": [1, "é"]},
    "absent": None,
    "my-name": "x",
    "raw": b"\x00\xff",
}
SCOPE = Scope(
    inputs=INPUTS,
    input_paths={name: f"/var/inputs/{name}" for name in INPUTS},
    output_paths={"area": "/var/outputs/area"},
    fixed={"name": "n", "namespace": "ns", "uid": "u-1", "attempt": "0"},
)

RENDERED = {
    "no token at all": "no token at all",
    "{{.inputs.i}}": "42",
    "--rate={{ .inputs.f }}!": "--rate=1000000000000000000000!",
    "{{$inputs.i}}": "42",
    "{{.INPUTS.i}}": "42",
    "{{.inputs.nan}}": "NaN",
    "{{.inputs.b}}{{.inputs.i}}": "true42",
    "{{.inputs.t}}": "1970-01-01T00:00:00Z",
    "{{.inputs.d}}": "1h30m0s",
    "{{.inputs.o}}": '{"k":[1,"é"]}',
    "{{.inputs.absent}}": "",
    "{{.inputs.my-name}}": "x",
    "{{.inputs.s}}": "it's $$5",
    "{{.inputs.s | sh}}": "'it'\"'\"'s $$5'",
    "{{.inputs.absent|sh}}": "''",
    "{{.inputs.s.json}}": '"it\'s $$5"',
    "{{.inputs.nan.json}}": '"NaN"',
    "{{.inputs.absent.json}}": "null",
    "{{.inputs.raw.json}}": '"AP8="',
    "{{.inputs.raw.path}}": "/var/inputs/raw",
    "{{.inputs.i.path}}": "/var/inputs/i",
    "{{.outputs.area.path}}": "/var/outputs/area",
    "{{.name}}/{{.namespace}}/{{.uid}}/{{.attempt}}": "n/ns/u-1/0",
    "{{{.inputs.i}}}": "{42}",
    "{{inputs}} {{ item }} {{ my.inputs.i }}": "{{inputs}} {{ item }} {{ my.inputs.i }}",
    "$(HOME) stays the kubelet's": "$(HOME) stays the kubelet's",
}


@pytest.mark.parametrize(("template", "rendered"), RENDERED.items(), ids=RENDERED)
def test_what_a_template_becomes(template: str, rendered: str) -> None:
    assert render(template, SCOPE) == rendered


REFUSED = {
    "{{.inputs.y}}": "{{.inputs.y}}: there is no input `y`; inputs are: absent, b, d, f, i, my-name,",
    "{{.outputs.y.path}}": "{{.outputs.y.path}}: there is no output `y`; outputs are: area",
    "{{.outputs.area}}": "{{.outputs.area}}: unknown token",
    "{{.inputs.i.uri}}": "{{.inputs.i.uri}}: the input is a value and has no URI: use .path or",
    "{{.inputs.i.size}}": "{{.inputs.i.size}}: unknown token",
    "{{.inputs.raw}}": "{{.inputs.raw}}: bytes are no text: use .path, or .json, which is base64",
    "{{.inputs. i}}": "there is no input ` i`",
    "{{.unknown}}": "{{.unknown}}: unknown token; text with such braces of its own can be passed as an input",
    "{{.outputPrefix}}": "{{.outputPrefix}}: this token needs a store, and the task has none",
    "{{.inputs.s | base64}}": "there is no input `s | base64`",
    "a\0b": "a NUL character: no process can get one in an argument; read the file instead",
    "x" * (MAX_BYTES + 1): "more than 131071 bytes, which an argument has at most: read the file",
    "\ud800": "half a surrogate pair: no process can get one in an argument",
}


@pytest.mark.parametrize(("template", "message"), REFUSED.items(), ids=[name[:30] for name in REFUSED])
def test_what_is_refused_names_the_token_and_the_cure(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template, SCOPE)
    assert message in str(caught.value)


def expanded(element: str, environment: dict[str, str]) -> str:
    """Expand as the kubelet does, byte by byte (third_party/forked/golang/expansion of Kubernetes)."""
    data, out, position = element.encode(), bytearray(), 0
    while position < len(data):
        if data[position : position + 1] != b"$" or position + 1 == len(data):
            out += data[position : position + 1]
            position += 1
            continue
        read, found, width = try_reference(data[position + 1 :])
        out += environment.get(read.decode(), f"$({read.decode()})").encode() if found else read
        position += 1 + width
    return out.decode()


def try_reference(data: bytes) -> tuple[bytes, bool, int]:
    """Return what stands behind a ``$``, whether it is a variable's name, and how wide it is."""
    if data[:1] == b"$":
        return b"$", False, 1
    if data[:1] == b"(":
        end = data.find(b")")
        return (data[1:end], True, end + 1) if end >= 0 else (b"$(", False, 1)
    return b"$" + chr(data[0]).encode(), False, 1  # Go's string(byte): a letter beyond ASCII breaks


ENVIRONMENT = {"HOME": "/root", "": "?", "SECRET": "s3cr3t"}


def own_references(literal: str) -> str:
    """Expand the references that are whole within the user's own text."""

    def replace(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else ENVIRONMENT.get(found[1], found[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", replace, literal)


pieces = st.sampled_from(["$", "(", ")", "$(", "$(HOME)", "HOME", "$$", "é", " ", "'", "\n", "a", "{{", "}}"])
hostile_values = st.lists(pieces, max_size=5).map("".join)
literals = hostile_values.map(lambda text: text.replace("{", "").replace("}", ""))


@given(st.lists(st.tuples(literals, hostile_values), max_size=4), literals)
@example([("echo $(date; echo $(SECRET", ")")], "")
@example([("$(a$", "(HOME)")], "")
@example([("$($(", ")")], "")
@example([("$é", "x")], "$é")
@settings(max_examples=1000)
def test_a_value_arrives_exactly_whatever_it_and_its_surroundings_hold(
    parts: list[tuple[str, str]], rest: str
) -> None:
    """Each part of the user's own text means what it means alone; each value is what it is."""
    scope = Scope(inputs={f"v{number}": value for number, (_, value) in enumerate(parts)})
    template = (
        "".join(f"{literal}{{{{.inputs.v{number}}}}}" for number, (literal, _) in enumerate(parts)) + rest
    )
    wanted = "".join(own_references(literal) + value for literal, value in parts) + own_references(rest)
    assert expanded(render(template, scope), ENVIRONMENT) == wanted


@pytest.mark.parametrize(
    "hostile", ["{{.a" + " " * 131_000 + "b}}", "{{.x|" * 20_000 + "}}"], ids=["blanks", "bars"]
)
def test_a_long_unknown_token_is_refused_at_once(hostile: str) -> None:
    with pytest.raises(TemplateError, match="unknown token"):
        render(hostile, SCOPE)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["$(", "$", "$(a)$(", "{{.", "{{ "])
def test_what_never_ends_takes_no_longer_for_being_long(piece: str) -> None:
    """Each search for an end that begins anew makes this quadratic: minutes for one task."""
    element = piece * (130_000 // len(piece))
    rendered = render_all(command=[element] * 7, args=[], env={}, scope=Scope())
    assert len(rendered.command) == 7


def test_a_token_without_an_end_is_text() -> None:
    endless = "{{.a" + " " * 131_000
    assert render(endless, SCOPE) == endless


def test_a_large_element_is_never_built() -> None:
    scope = Scope(inputs={"v": "x" * 1_000_000})
    with pytest.raises(TemplateError, match="more than 131071 bytes"):
        render("{{.inputs.v}}" * 9000, scope)


def test_the_name_of_a_variable_takes_room() -> None:
    assert render("x" * (MAX_BYTES - 2), SCOPE, reserved=2)
    with pytest.raises(TemplateError, match="more than 131069 bytes"):
        render("x" * (MAX_BYTES - 1), SCOPE, reserved=2)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_shell_reads_a_quoted_value_as_one_word(value: str) -> None:
    rendered = render("{{.inputs.v | sh}}", Scope(inputs={"v": value}))
    assert shlex.split(expanded(rendered, {})) == [value]


def test_all_elements_of_a_task_are_rendered_in_their_places() -> None:
    env = {"Z": "{{.inputs.b}}", "A": "$(Z)"}
    rendered = render_all(command=["run", "{{.inputs.i}}"], args=["{{.inputs.s}}"], env=env, scope=SCOPE)
    assert rendered == Rendered(command=("run", "42"), args=("it's $$5",), env={"Z": "true", "A": "$(Z)"})
    assert list(rendered.env) == ["Z", "A"]


WRONG_ELEMENTS: dict[str, tuple[list[str], list[str], dict[str, str], str]] = {
    "command": (["run", "{{.inputs.y}}"], [], {}, "command[1]: {{.inputs.y}}: there is no input `y`"),
    "args": (["run"], ["", "a\0b"], {}, "args[1]: a NUL character"),
    "env": (["run"], [], {"MODE": "{{.unknown}}"}, "env[MODE]: {{.unknown}}: unknown token"),
    "a variable that is too long with its name": (
        ["run"],
        [],
        {"LONG": "x" * (MAX_BYTES - 4)},
        "env[LONG]: more than 131066 bytes",
    ),
}


@pytest.mark.parametrize(("command", "args", "env", "message"), WRONG_ELEMENTS.values(), ids=WRONG_ELEMENTS)
def test_the_element_at_fault_is_named(
    command: list[str], args: list[str], env: dict[str, str], message: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        render_all(command=command, args=args, env=env, scope=SCOPE)
    assert str(caught.value).startswith(message)


def test_a_task_may_fill_its_room_to_the_last_byte() -> None:
    element, overhead = 100_000, 9
    args = ["x" * element] * 9
    taken = len("run") + overhead + len(args) * (element + overhead)
    env = {"W": "y" * (MAX_TOTAL_BYTES - taken - len("W=") - overhead - 50_000), "V": ""}
    env["V"] = "y" * (50_000 - len("V=") - overhead)
    render_all(command=["run"], args=args, env=env, scope=SCOPE)
    env["V"] += "y"
    with pytest.raises(TemplateError, match=r"^env\[V\]: with this element .* more than 1048576 bytes"):
        render_all(command=["run"], args=args, env=env, scope=SCOPE)


def test_what_the_kubelet_halves_again_counts_as_it_stands_in_the_pod() -> None:
    scope = Scope(inputs={"v": "$" * 100_000})
    args = ["{{.inputs.v}}"] * 5
    render_all(command=["run"], args=args, env={}, scope=scope)
    with pytest.raises(TemplateError, match=r"^args\[5\]: .* read large inputs from their files, by \{\{"):
        render_all(command=["run"], args=[*args, *args], env={}, scope=scope)


def test_many_small_elements_take_room_too() -> None:
    with pytest.raises(TemplateError, match=r"^args\[116507\]: "):
        render_all(command=["run"], args=[""] * 120_000, env={}, scope=SCOPE)
