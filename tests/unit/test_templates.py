"""Argument templates: what is a token, where it stands, what is refused, and how much an element may be."""

from __future__ import annotations

import pytest

from containertask.codec.templates import (
    MAX_BYTES,
    MAX_TOTAL_BYTES,
    InputView,
    Rendered,
    Scope,
    TemplateError,
    render,
    render_all,
)
from containertask.types.leaves import SimpleType


def text_of(value: str) -> Scope:
    """Return a scope whose one input ``v`` is a string."""
    return Scope(inputs={"v": InputView(kind=SimpleType.STRING, value=value, path="/var/inputs/v")})


SCOPE = Scope(
    inputs={
        "i": InputView(kind=SimpleType.INTEGER, value=42, path="/var/inputs/i"),
        "s": InputView(kind=SimpleType.STRING, value="it's $5", path="/in$/s"),
        "b": InputView(kind=SimpleType.BOOLEAN, value=True, path="/var/inputs/b"),
        "my-name": InputView(kind=SimpleType.STRING, value="x", path="/var/inputs/my-name"),
        "path": InputView(kind=SimpleType.STRING, value="p", path="/var/inputs/path"),
        "late": InputView(kind=SimpleType.STRING, value=None, path="/var/inputs/late", known=False),
    },
    output_paths={"area": "/var/outputs/area", "log": None},
    fixed={"name": "n", "namespace": "ns", "uid": "u-1", "attempt": "0", "perretryuniquekey": "a_0"},
)

RENDERED = {
    "": "",
    "no token at all": "no token at all",
    "{{.inputs.i}}": "42",
    "--rate={{ .inputs.i }}!": "--rate=42!",
    "{{\t.inputs.i\n}}": "42",
    "{{$inputs.i}}": "42",
    "{{.INPUTS.i}}": "42",
    "{{.inputs.b}}{{.inputs.i}}": "true42",
    "{{{.inputs.i}}}": "{42}",
    "{{{{.inputs.i}}}}": "{{42}}",
    "{{.inputs.my-name}}": "x",
    "{{.inputs.path}} {{.inputs.path.path}}": "p /var/inputs/path",
    "{{.inputs.s}}": "it's $$5",
    "{{.inputs.s.path}}": "/in$$/s",
    "{{.inputs.s | sh}}": "'it'\"'\"'s $$5'",
    "{{.inputs.s|sh}}": "'it'\"'\"'s $$5'",
    "{{.inputs.s.json | sh}}": "'\"it'\"'\"'s $$5\"'",
    "{{.inputs.late.path}}": "/var/inputs/late",
    "{{.outputs.area.path}} {{.outputs.area.path | sh}}": "/var/outputs/area /var/outputs/area",
    "{{.name}}/{{.namespace}}/{{.uid}}/{{.attempt}}": "n/ns/u-1/0",
    "{{.perRetryUniqueKey}} {{.name | sh}}": "a_0 n",
    "{{inputs}} {{ item }} {{ my.inputs.i }}": "{{inputs}} {{ item }} {{ my.inputs.i }}",
    "{.inputs.i} {{name}} ${{ }}": "{.inputs.i} {{name}} ${{ }}",
    "$(HOME) stays the kubelet's, $$ too": "$(HOME) stays the kubelet's, $$ too",
    "$({{.inputs.i}})": "$$(42)",
}


@pytest.mark.parametrize(("template", "rendered"), RENDERED.items(), ids=RENDERED)
def test_what_a_template_becomes(template: str, rendered: str) -> None:
    assert render(template, SCOPE) == rendered


OWN_BRACES = "text with such braces of its own can be passed as an input"
NO_TOKEN = f"is no token: write {{{{.inputs.NAME}}}}, with the dot and both ends; {OWN_BRACES}"
NEEDS_A_STORE = (
    "this token needs a store, and the task has none: use {{.inputs.NAME.path}} and {{.outputs.NAME.path}}"
)
INPUTS = "inputs are: b, i, late, my-name, path, s"
LATE = "the value is read when the task runs: use .path, and read the file"
REFUSED = {
    "{{.inputs.y}}": f"{{{{.inputs.y}}}}: there is no input `y`; {INPUTS}",
    "{{.inputs.I}}": f"{{{{.inputs.I}}}}: there is no input `I`; {INPUTS}",
    "{{.inputs. i}}": f"{{{{.inputs. i}}}}: there is no input ` i`; {INPUTS}",
    "{{.inputs.}}": f"{{{{.inputs.}}}}: there is no input ``; {INPUTS}",
    "{{.inputs.y.path}}": f"{{{{.inputs.y.path}}}}: there is no input `y`; {INPUTS}",
    "{{.inputs.i.size}}": "{{.inputs.i.size}}: `.size` is none of .path, .json and .uri",
    "{{.inputs.i.json.path}}": "{{.inputs.i.json.path}}: `.json.path` is none of .path, .json and .uri",
    "{{.inputs.i[0]}}": f"{{{{.inputs.i[0]}}}}: there is no input `i[0]`; {INPUTS}",
    "{{.inputs.s | base64}}": "{{.inputs.s | base64}}: `base64` is nothing that can follow `|`: only sh is",
    "{{.inputs.s|sh|sh}}": "{{.inputs.s|sh|sh}}: `sh|sh` is nothing that can follow `|`: only sh is",
    "{{.inputs.s | }}": "{{.inputs.s | }}: `` is nothing that can follow `|`: only sh is",
    "{{.inputs.late}}": f"{{{{.inputs.late}}}}: {LATE}",
    "{{.inputs.late | sh}}": f"{{{{.inputs.late | sh}}}}: {LATE}",
    "{{.inputs.late.json}}": f"{{{{.inputs.late.json}}}}: {LATE}",
    "{{.inputs.late.uri}}": f"{{{{.inputs.late.uri}}}}: {LATE}",
    "{{.outputs.y.path}}": "{{.outputs.y.path}}: there is no output `y`; outputs are: area, log",
    "{{.outputs.area}}": (
        "{{.outputs.area}}: of an output there is only the path: write {{.outputs.NAME.path}}"
    ),
    "{{.outputs.area.json}}": (
        "{{.outputs.area.json}}: of an output there is only the path: write {{.outputs.NAME.path}}"
    ),
    "{{.outputs.log.path}}": (
        "{{.outputs.log.path}}: the output has no path of its own, as it is a stream, an exit code or files "
        "of a glob: write to outputDir"
    ),
    "{{.unknown}}": f"{{{{.unknown}}}}: unknown token; {OWN_BRACES}",
    "{{.inputs}}": f"{{{{.inputs}}}}: unknown token; {OWN_BRACES}",
    "{{.name.path}}": f"{{{{.name.path}}}}: unknown token; {OWN_BRACES}",
    "{{.Values.x | quote}}": f"{{{{.Values.x | quote}}}}: unknown token; {OWN_BRACES}",
    "{{.input}}": f"{{{{.input}}}}: {NEEDS_A_STORE}",
    "{{.inputPrefix}}": f"{{{{.inputPrefix}}}}: {NEEDS_A_STORE}",
    "{{.outputPrefix}}": f"{{{{.outputPrefix}}}}: {NEEDS_A_STORE}",
    "{{.rawOutputDataPrefix}}": f"{{{{.rawOutputDataPrefix}}}}: {NEEDS_A_STORE}",
    "{{.taskTemplatePath}}": f"{{{{.taskTemplatePath}}}}: {NEEDS_A_STORE}",
    "{{.checkpointOutputPrefix}}": f"{{{{.checkpointOutputPrefix}}}}: {NEEDS_A_STORE}",
    "{{.prevCheckpointPrefix}}": f"{{{{.prevCheckpointPrefix}}}}: {NEEDS_A_STORE}",
    "{{inputs.i}}": f"`{{{{inputs.i` {NO_TOKEN}",
    "{{ inputs.i }}": f"`{{{{ inputs.i ` {NO_TOKEN}",
    "{{- .inputs.i }}": f"`{{{{- .inputs.i ` {NO_TOKEN}",
    "{{.inputs.i}": f"`{{{{.inputs.i` {NO_TOKEN}",
    "{{.outputs.area.path": f"`{{{{.outputs.area.path` {NO_TOKEN}",
    "{{.inputs.{{.inputs.s}}}}": f"`{{{{.inputs.` {NO_TOKEN}",
}


@pytest.mark.parametrize(("template", "message"), REFUSED.items(), ids=REFUSED)
def test_what_is_refused_names_the_token_and_the_cure(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template, SCOPE)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "token",
    [
        "{{.inputs." + "x" * 9000 + "}}",
        "{{.inputs.i." + "\n" * 9000 + "}}",
        "{{.inputs.i|" + "é" * 9000 + "}}",
    ],
)
def test_a_long_token_is_not_repeated_at_length(token: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(token, SCOPE)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "hostile", ["{{.a" + " " * 131_000 + "b}}", "{{.x|" * 20_000 + "}}"], ids=["blanks", "bars"]
)
def test_a_long_unknown_token_is_refused_at_once(hostile: str) -> None:
    with pytest.raises(TemplateError, match="unknown token"):
        render(hostile, SCOPE)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["$(", "$", "$(a)$(", "{{.", "{{ ", "{{-", "{{- .", "| sh"])
def test_what_never_ends_takes_no_longer_for_being_long(piece: str) -> None:
    """Each search for an end that begins anew makes this quadratic: minutes for one task."""
    element = piece * (130_000 // len(piece))
    rendered = render_all(command=[element] * 7, args=[], env={}, scope=Scope())
    assert len(rendered.command) == 7


def test_a_token_without_an_end_is_text() -> None:
    endless = "{{.a" + " " * 131_000
    assert render(endless, SCOPE) == endless


def test_a_large_element_is_never_built() -> None:
    with pytest.raises(TemplateError, match="more than 131071 bytes"):
        render("{{.inputs.v}}" * 9000, text_of("x" * 1_000_000))


def test_the_name_of_a_variable_takes_room() -> None:
    assert render("x" * (MAX_BYTES - 2), SCOPE, reserved=2)
    with pytest.raises(TemplateError, match="more than 131069 bytes"):
        render("x" * (MAX_BYTES - 1), SCOPE, reserved=2)


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
    scope = text_of("$" * 100_000)
    args = ["{{.inputs.v}}"] * 5
    render_all(command=["run"], args=args, env={}, scope=scope)
    with pytest.raises(TemplateError, match=r"^args\[5\]: .* read large inputs from their files, by \{\{"):
        render_all(command=["run"], args=[*args, *args], env={}, scope=scope)


def test_many_small_elements_take_room_too() -> None:
    with pytest.raises(TemplateError, match=r"^args\[116507\]: "):
        render_all(command=["run"], args=[""] * 120_000, env={}, scope=SCOPE)
