"""Write ``docs/templates.md`` from what the operator does: each text in it that a command gets is rendered.

With ``--check`` it fails instead if the page is not what the code says.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from containertask.codec.templates import MAX_BYTES, MAX_TOTAL_BYTES, Rendered
from containertask.core.accept import Refused, accept
from containertask.core.task import TaskView, task_view
from templatesamples import DOLLARS, EXAMPLE, FORMS, SHELL, TOKENS, TYPES, WRONG

Json = dict[str, Any]

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "templates.md"

_TOP: Final = """\
<!-- Generated from what the operator renders by `hack/templates.py`. Do not edit. -->
# Templates

Each element of `command` and of `args`, and each `value` in `env`, is a template: text in which a token such
as `{{.inputs.x}}` stands for something else. What a variable takes from a Secret or a ConfigMap is none.

- There is nothing but tokens: no conditions, no loops, no functions.
- Tokens are replaced once. What a value holds is never read as a template, nor as a variable.
- A value stays within its element: no value makes two arguments of one, or none.
- All is checked before there is a Pod. A task with a template that cannot be rendered fails as `InvalidSpec`.

## Tokens

Blanks may stand inside of the braces. The words are not sensitive to case, the names of inputs and outputs
are. `$` does for the first dot, as in `{{$inputs.x}}`. Braces without either, such as `{{ item }}`, are text.
"""
_FORMS: Final = """
`| sh` can follow each of them, as in `{{.inputs.x.path | sh}}`, and nothing else can.

## Each type

What the command gets, where the input is named `x`. A number in brackets is a refusal, which is told below.
With each `uri` stands `mode: Reference`.

"""
_SHELL: Final = """
The value alone is what its file holds. A list or a map, which is a directory of files, is JSON, and so is a
struct.

`.path` is taken for every input, and does not say that there is something: of an absent one there is no file.
Of an input by reference it is a file that holds the URI. `.json` tells absent (`null`) from empty (`""`).

## Shells

Never put a bare token into a script. In `sh -c "echo {{.inputs.x}}"` the shell reads the value as code: what
is after a `;` in it is run. Each of these is safe, whatever the value holds:
"""
_DOLLARS: Final = """
## `$`

In `command`, `args` and `env` of a Pod the kubelet replaces `$(NAME)` by the variable of that name, if there
is one, and `$$` by `$`. In your own text it does so here, too. In a value it finds nothing to replace: the
operator doubles each `$` of it, and each of yours that would make a variable together with a value.

With the value `$(HOME)` for `x`, and `/root` for the variable `HOME`:

"""
_LIMITS: Final = f"""
## Limits

An element has at most {MAX_BYTES:,} bytes with all its values, which is what Linux takes; of a variable the
name and the `=` count, too. `command`, `args` and `env` have at most {MAX_TOTAL_BYTES:,} bytes together, with
9 more for each element, and with each `$` of a value twice. Bytes count, not letters: `é` is two.

A value that is longer, or that holds a NUL character, is in its file all the same: use `.path`.

## What is refused

Tokens, and what `status.message` says of them:

```text
"""


def view(spec: Json) -> TaskView:
    """Return a task as the operator keeps it."""
    metadata = {
        "namespace": "default",
        "name": "ellipse",
        "uid": "0f8a2c4e-6b1d-4f3a-9c5e-7d2b8a1f6e04",
        "resourceVersion": "1",
        "creationTimestamp": "2026-01-31T12:00:00Z",
    }
    return task_view({"metadata": metadata, "spec": {"image": "alpine:3.22", "command": ["run"], **spec}})


def outcome(spec: Json) -> Rendered | str:
    """Return the first attempt's command as the Pod has it, or the message of a refusal."""
    task = view(spec)
    found = accept(task)
    return found.message if isinstance(found, Refused) else found.rendered(task, 0)


class _Page:
    """The parts of the page; refusals are numbered as they come."""

    def __init__(self) -> None:
        self._refusals: list[str] = []

    def cell(self, template: str, spec: Json) -> str:
        """Return what the command gets, as a cell of a table. No text of this page is a variable."""
        found = outcome({**spec, "args": [template]})
        if isinstance(found, Rendered):
            return _code(found.args[0].replace("$$", "$")) if found.args[0] else "*empty*"
        message = found.removeprefix(f"spec.args[0]: {template}: ")
        if message not in self._refusals:
            self._refusals.append(message)
        return f"[{self._refusals.index(message) + 1}]"

    def types(self) -> str:
        """Return the table of types and what stands below."""
        rows = [["Type", "In the spec", *map(_code, FORMS)]]
        for one in TYPES:
            fields = {name: value for name, value in one.items() if name not in {"type", "mode"}}
            written = ", ".join(f"{name}: {_flow(value)}" for name, value in fields.items())
            spec = {"inputs": [{"name": "x", **one}]}
            cells = [self.cell(template, spec) for template in FORMS]
            rows.append([_code(one["type"]), _code(written) if written else "*absent*", *cells])
        notes = (f"{number}. {message}\n" for number, message in enumerate(self._refusals, 1))
        return f"{_table(rows)}\n{''.join(notes)}"

    def tokens(self) -> str:
        """Return the table of tokens."""
        each = ([_code(token), says, self.cell(token, EXAMPLE)] for token, says in TOKENS.items())
        return _table([["Token", "What it is", "Such as"], *each])


def dollars() -> str:
    """Return the table of what the kubelet makes of a text."""
    rows = [["In the spec", "In the Pod", "What the command gets"]]
    for template, gets in DOLLARS.items():
        spec = {"inputs": [{"name": "x", "type": "string", "value": "$(HOME)"}], "args": [template]}
        found = outcome(spec)
        rows.append([_code(template), _code(found if isinstance(found, str) else found.args[0]), _code(gets)])
    return _table(rows)


def shells() -> str:
    """Return the examples with a shell, as YAML."""
    return "".join(f"\n{says}\n\n```yaml\n{_yaml(spec)}```\n" for says, spec in SHELL.items())


def rendered() -> str:
    """Return the page."""
    page = _Page()
    top = f"{_TOP}\n{page.tokens()}{_FORMS}{page.types()}"
    wrong = (f"{outcome({**EXAMPLE, 'args': [template]})}\n" for template in WRONG)
    return f"{top}{_SHELL}{shells()}{_DOLLARS}{dollars()}{_LIMITS}{''.join(wrong)}```\n"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _flow(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _yaml(spec: Json) -> str:
    lines = []
    for field, value in spec.items():
        if field == "env":
            lines += ["env:", *(f"- {json.dumps(one)}" for one in value)]
        else:
            lines.append(f"{field}: {json.dumps(value)}")
    return "".join(f"{line}\n" for line in lines)


def _table(rows: list[list[str]]) -> str:
    head, *below = (f"| {' | '.join(row)} |\n" for row in rows)
    return "".join([head, "|---" * len(rows[0]), "|\n", *below])


def main() -> int:
    """Write or check the page."""
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != rendered():
            sys.stderr.write("docs/templates.md does not follow the code: run `hack/templates.py`\n")
            return 1
        return 0
    PAGE.write_text(rendered())
    return 0


if __name__ == "__main__":
    sys.exit(main())
