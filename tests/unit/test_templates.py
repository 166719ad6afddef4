"""Argument templates: what each token becomes, what is refused, and that values stay mere data."""

from __future__ import annotations

import math
import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.codec.simple import Value
from containertask.codec.templates import MAX_BYTES, Scope, TemplateError, render
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
    "{{.inputs.i.path}}": "/var/inputs/i",
    "{{.outputs.area.path}}": "/var/outputs/area",
    "{{.name}}/{{.namespace}}/{{.uid}}/{{.attempt}}": "n/ns/u-1/0",
    "{{{.inputs.i}}}": "{42}",
    "{{inputs.i}} {{ item }}": "{{inputs.i}} {{ item }}",
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
    "{{.inputs. i}}": "there is no input ` i`",
    "{{.unknown}}": "{{.unknown}}: unknown token; text with such braces of its own can be passed as an input",
    "{{.outputPrefix}}": "{{.outputPrefix}}: this token needs a store, and the task has none",
    "{{.inputs.s | base64}}": "there is no input `s | base64`",
    "a\0b": "a NUL character: no process can get one in an argument; read the file instead",
    "x" * (MAX_BYTES + 1): "131072 bytes, an argument has at most 131071: read the file instead",
}


@pytest.mark.parametrize(("template", "message"), REFUSED.items(), ids=[name[:30] for name in REFUSED])
def test_what_is_refused_names_the_token_and_the_cure(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template, SCOPE)
    assert message in str(caught.value)


def expanded(element: str, environment: dict[str, str]) -> str:
    """Expand as the kubelet does (third_party/forked/golang/expansion of Kubernetes)."""

    def replace(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        return environment.get(found[1], found[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", replace, element)


pieces = st.sampled_from(
    ["$", "(", ")", "$(", "HOME", "$$", "{{.inputs.y}}", "{{", "}}", " ", "'", '"', "\n", "é"]
)
hostile = st.lists(pieces, max_size=6).map("".join)


@given(st.lists(st.tuples(hostile, hostile), max_size=4), hostile)
def test_a_value_arrives_exactly_whatever_it_and_its_surroundings_hold(
    parts: list[tuple[str, str]], rest: str
) -> None:
    """The literal parts here hold no whole reference of their own, and no token."""
    literals = [literal.replace(")", "").replace("{", "").replace("$$", "$") for literal, _ in parts]
    values = [value for _, value in parts]
    ending = rest.replace("$", "").replace("{", "")
    scope = Scope(inputs={f"v{number}": value for number, value in enumerate(values)})
    template = (
        "".join(f"{literal}{{{{.inputs.v{number}}}}}" for number, literal in enumerate(literals)) + ending
    )
    wanted = "".join(
        literal.replace("$$", "$") + value for literal, value in zip(literals, values, strict=True)
    )
    assert expanded(render(template, scope), {"HOME": "/root", "": "?"}) == wanted + ending


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_shell_reads_a_quoted_value_as_one_word(value: str) -> None:
    rendered = render("{{.inputs.v | sh}}", Scope(inputs={"v": value}))
    assert shlex.split(expanded(rendered, {})) == [value]
