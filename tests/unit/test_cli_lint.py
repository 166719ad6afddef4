"""``ctask lint``: each problem by file and line, in the operator's words; the outcome is the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from containertask.cli.main import main
from containertask.cli.offline import OURS
from support.manifests import GOOD, HEAD, SOURCE, STORE, needing

TEMPLATE = """\
apiVersion: containertask.dev/v1alpha1
kind: ContainerTaskTemplate
metadata: {name: area}
spec:
  image: alpine
  command: [area]
  args: ["{{.inputs.a}}"]
  inputs: [{name: a, type: float}]
"""
RUN = f"""\
{HEAD}spec:
  templateRef: {{name: area}}
  inputs: [{{name: a, value: 3}}]
"""
OF_CLUSTER = (
    f"{RUN.replace('name: area', 'name: area, kind: ClusterContainerTaskTemplate')}---\n"
    f"{TEMPLATE.replace('kind: C', 'kind: ClusterC')}"
)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WITH = f"{HEAD}spec: {{image: a, command: [c], inputs: ["
REF = "F:10: ContainerTask/demo: spec.inputs[m].valueFrom.taskOutputRef: "
GOOD_ITEM = "".join(
    f"{'- ' if number == 0 else '  '}{line}\n"
    for number, line in enumerate(f"{HEAD}spec: {{image: a, command: [c]}}".splitlines())
)
WRONG = {
    "a field that is missing": (
        f"{HEAD}spec:\n  command: [sh]\n",
        "F:4: ContainerTask/demo: spec.image: is missing",
    ),
    "a value of another type": (
        f"{WITH}\n    {{name: a, type: string, value: x}},\n    {{name: b, type: integer, value: x}}]}}",
        "F:6: ContainerTask/demo: spec.inputs[b]: type integer: ",
    ),
    "a field that there is not": (
        f"{HEAD}spec:\n  image: alpine\n  comand: [sh]\n",
        "F:6: ContainerTask/demo: spec.comand: ",
    ),
    "a field beside spec": (
        f"{GOOD}command: [sh]\n",
        "F:5: ContainerTask/demo: command: there is no such field",
    ),
    "another version": (
        GOOD.replace("v1alpha1", "v1"),
        "F:1: ContainerTask/demo: apiVersion: write containertask.dev/v1alpha1",
    ),
    "no name": (
        GOOD.replace("{name: demo}", "{}"),
        "F:3: ContainerTask/?: metadata: a name is missing: write metadata.name",
    ),
    "no metadata": (
        GOOD.replace("metadata: {name: demo}\n", ""),
        "F:1: ContainerTask/?: metadata: a name is missing: write metadata.name",
    ),
    "a name that none can have": (
        GOOD.replace("demo", "Demo"),
        "F:3: ContainerTask/Demo: metadata.name: write at most 52 small letters, digits",
    ),
    "a name that is too long": (
        GOOD.replace("demo", "d" * 53),
        f"F:3: ContainerTask/{'d' * 53}: metadata.name: write at most 52",
    ),
    "a namespace that is a number": (
        GOOD.replace("demo", "demo, namespace: 5"),
        "F:3: ContainerTask/demo: metadata.namespace: write at most 63",
    ),
    "the second of two documents": (
        f"{GOOD}---\n{HEAD}spec: {{image: alpine, command: [sh], args: ['{{{{.inputs.x}}}}']}}\n",
        "F:9: ContainerTask/demo: spec.args[0]: ",
    ),
    "one of a list": (
        "apiVersion: v1\nkind: List\nitems:\n" + GOOD_ITEM + GOOD_ITEM.replace("command", "comand"),
        "F:11: ContainerTask/demo: spec.comand: is no field; did you mean command?",
    ),
    "a number that PyYAML takes for a text": (
        f"{HEAD}spec: {{image: a, command: [c, 1e3]}}",
        "F:4: ContainerTask/demo: spec.command[1]: ",
    ),
    "a boolean that PyYAML takes for a text": (
        f"{HEAD}spec: {{image: a, command: [c, y]}}",
        "F:4: ContainerTask/demo: spec.command[1]: ",
    ),
    "a store": (
        f"{STORE}spec:\n  s3: {{bucket: b, region: r}}\n",
        "F:5: ArtifactStore/default: spec.s3.bucket: ",
    ),
    "a template": (
        TEMPLATE.replace("inputs.a", "inputs.b"),
        "F:7: ContainerTaskTemplate/area: spec.args[0]: {{.inputs.b}}: there is no input `b`",
    ),
    "a field beside the template's name": (
        RUN.replace("inputs:", "command: [sh]\n  inputs:"),
        "F:6: ContainerTask/demo: spec.command: beside templateRef the template says it",
    ),
    "a value that the template of the same file does not take": (
        f"{TEMPLATE}---\n{RUN.replace('value: 3', 'value: three')}",
        "F:15: ContainerTask/demo: spec.inputs[a]: type float: `three` is not a number",
    ),
    "an output that the other task has not": (
        f"{needing('train', 'modl', 'file')}---\n{SOURCE}",
        f"{REF}task train declares no output modl: it has model\n",
    ),
    "an output of another type": (
        f"{needing('train', 'model', 'directory')}---\n{SOURCE}",
        f"{REF}output model of task train is of type file, and the input of type directory: make them one\n",
    ),
    "several, by line": (
        f"{HEAD}spec:\n  image: ''\n  command: sh\n",
        "F:5: ContainerTask/demo: spec.image: ",
    ),
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("F")


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_by_line(
    file: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    file.write_text(text)
    assert main(["lint", "F"]) == 1
    found = capsys.readouterr()
    assert found.out.startswith(says), found.out
    assert found.err == ""


def test_all_that_is_wrong_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"{HEAD}spec:\n  image: ''\n  command: sh\n")
    assert main(["lint", "F"]) == 1
    assert [line.split(": ")[2] for line in capsys.readouterr().out.splitlines()] == [
        "spec.image",
        "spec.command",
    ]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("name: demo", "generateName: demo-"),
        TEMPLATE,
        RUN,
        RUN.replace("value: 3", "value: nobody knows its type"),
        f"{RUN}---\n{TEMPLATE}",
        OF_CLUSTER,
        f"{needing('train', 'model', 'file')}---\n{RUN.replace('demo', 'train')}",
        f"{needing('train', 'model', 'file')}---\n{SOURCE}",
        f"{needing('elsewhere', 'any', 'file')}",
        f"---\n{GOOD}---\n---\nkind: ConfigMap\n",
        f"{WITH}{{name: t, type: datetime, value: 2026-01-31T12:00:00Z}}]}}",
        f"{WITH}{{name: s, type: struct, value: {{1: a}}}}]}}",
        f"apiVersion: v1\nkind: List\nitems:\n{GOOD_ITEM}",
        f"{HEAD}spec: {{image: a, command: [c, 1:30, =, 0x, 2026-01-31, 1e999, '1e3']}}",
        f"{HEAD}spec: {{image: a, command: [c], retries: {{limit: 1e1}}, suspend: off}}",
        f"{WITH}{{name: i, type: 'list[integer]', value: [2.0, 0o17, 08, -017, 1_0, 0x1F, .5e1]}}]}}",
    ],
)
def test_what_holds_together_is_no_more_than_a_line(
    file: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file.write_text(text)
    assert main(["lint", "F"]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.endswith(" together\n")


def test_the_examples_hold_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", *map(str, sorted(EXAMPLES.glob("*.yaml")))]) == 0
    assert capsys.readouterr().out.endswith(" manifests hold together\n")


BILLION = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 9)}]\n" for n in range(9))
UNREADABLE = {
    "no YAML": ("a: [1", 1, "F:1: "),
    "a key twice": (f"{HEAD}spec:\n  image: a\n  image: b\n", 1, "F:6: the key `image` is there twice\n"),
    "a key twice, deep down": (
        f"{HEAD}spec: {{inputs: [{{name: a, name: b}}]}}",
        1,
        "F:4: the key `name` is",
    ),
    "no number of JSON": (
        f"{HEAD}spec: {{image: .inf}}",
        1,
        "F:1: in this document, inf is no number of JSON",
    ),
    "no value of JSON": (f"{HEAD}spec: {{image: !!binary AA==}}", 1, "F:1: in this document, YAML's bytes"),
    "a letter that YAML does not take": ("a: \x01", 1, "F: it has letters that YAML does not take\n"),
    "a value in itself": (f"{HEAD}spec: &s {{image: *s}}\n", 1, "F: values are in one another without end\n"),
    "values without end": ("[" * 5000, 1, "F: values are in one another without end\n"),
    "values by the billion": (BILLION, 1, "F:1: more than 1000000 values, with what is repeated\n"),
    "a tag that its value has not": (
        f"{HEAD}spec: {{image: !!int a}}",
        1,
        "F:4: this is read as a whole number, and is none",
    ),
    "another such tag": ("a: !!bool a", 1, "F:1: this is read as a boolean, and is none: put it in quotes\n"),
    "a number that is none": (
        "a: !!float a",
        1,
        "F:1: this is read as a number, and is none: put it in quotes\n",
    ),
    "a number as long as a book": (
        f"a: {'9' * 5000}",
        1,
        "F:1: this is read as a whole number, and is none: put it in quotes\n",
    ),
    "nothing of ours": ("kind: Pod\n", 1, f"no {', '.join(OURS[:-1])} or {OURS[-1]} in F\n"),
    "nothing": ("", 1, "no ContainerTask, "),
    "a list": ("- a\n", 1, "no ContainerTask, "),
}


@pytest.mark.parametrize(("text", "code", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_said_on_stderr(
    file: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, says: str
) -> None:
    file.write_text(text)
    assert main(["lint", "F"]) == code
    found = capsys.readouterr()
    assert (found.out, found.err[: len("ctask lint: " + says)]) == ("", f"ctask lint: {says}")


def test_a_file_that_is_not_there_is_a_wrong_call(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(file)]) == 2
    assert capsys.readouterr().err == "ctask lint: F: no such file or directory\n"
    file.write_bytes(b"\xff")
    assert main(["lint", str(file)]) == 2
    assert capsys.readouterr().err == "ctask lint: F: it is not UTF-8\n"
