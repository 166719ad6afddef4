"""What ``docs/templates.md`` shows: tokens, a value of each type, refusals, scripts. It renders nothing."""

from __future__ import annotations

from typing import Any, Final

from containertask.codec.templates import MAX_BYTES

Json = dict[str, Any]

FORMS: Final = tuple(f"{{{{.inputs.x{form}}}}}" for form in ("", ".json", ".path", ".uri", " | sh"))
_REFERENCE: Final = {"mode": "Reference"}
_SETTINGS: Final = {"configMapKeyRef": {"name": "settings", "key": "x"}}
TYPES: Final[list[Json]] = [
    {"type": "integer", "value": 42},
    {"type": "float", "value": 1e21},
    {"type": "string", "value": "it's $5"},
    {"type": "boolean", "value": True},
    {"type": "datetime", "value": "2026-01-31T13:00:00+01:00"},
    {"type": "duration", "value": "90m"},
    {"type": "struct", "value": {"b": [1, None], "a": "é"}},
    {"type": "binary", "value": "AP8="},
    {"type": "none"},
    {"type": 'enum["small","large"]', "value": "large"},
    {"type": "list[integer]", "value": [3, 1, 2]},
    {"type": "list[string]", "value": ["a,b", "c"]},
    {"type": "list[binary]", "value": ["AP8="]},
    {"type": "map[duration]", "value": {"b": "1s", "a": "90m"}},
    {"type": "optional[integer]", "value": 42},
    {"type": "optional[integer]"},
    {"type": "union[integer,string]", "value": 42},
    {"type": "union[integer,string]", "value": "many"},
    {"type": "file", "value": "AP8="},
    {"type": "file", "value": "AP8=", "layout": "NamedDir"},
    {"type": "list[file]", "value": ["AP8=", ""]},
    {"type": "file", "uri": "s3://bucket/key", **_REFERENCE},
    {"type": "directory", "uri": "s3://bucket/folder/", **_REFERENCE},
    {"type": "dataset[parquet]", "uri": "s3://bucket/table", **_REFERENCE},
    {"type": "list[file]", "value": [{"uri": "s3://bucket/key"}], **_REFERENCE},
    {"type": "optional[directory]"},
    {"type": "integer", "valueFrom": _SETTINGS},
]

TOKENS: Final = {
    "{{.inputs.x}}": "The value of the input `x`, as text.",
    "{{.inputs.x.json}}": "The value as JSON, as `inputs.json` has it; `null` where it is absent.",
    "{{.inputs.x.path}}": "Where the input lies. If it is absent, there is nothing.",
    "{{.inputs.at.uri}}": "The URI of an input that is handed over by reference; empty where it is absent.",
    "{{.inputs.x | sh}}": "Any of these, quoted for a shell.",
    "{{.outputs.y.path}}": "Where the command has to leave the output `y`.",
    "{{.name}}": "The task's name.",
    "{{.namespace}}": "The task's namespace.",
    "{{.uid}}": "The task's uid.",
    "{{.attempt}}": "Which attempt this is, from 0.",
    "{{.perRetryUniqueKey}}": "The Pod's name as an identifier: another one for each attempt.",
}
EXAMPLE: Final[Json] = {
    "inputs": [
        {"name": "x", "type": "string", "value": "it's $5"},
        {"name": "at", "type": "file", "uri": "s3://bucket/key", **_REFERENCE},
        {"name": "late", "type": "string", "valueFrom": _SETTINGS},
        {"name": "nul", "type": "string", "value": "a\0b"},
        {"name": "long", "type": "string", "value": "x" * (MAX_BYTES + 1)},
    ],
    "outputs": [{"name": "y", "type": "string"}],
}
WRONG: Final = (
    "{{.inputs.z}}",
    "{{.inputs.x.size}}",
    "{{.inputs.x.uri}}",
    "{{.inputs.x | base64}}",
    "{{.inputs.at}}",
    "{{.inputs.late}}",
    "{{.inputs.nul}}",
    "{{.inputs.long}}",
    "{{.outputs.y}}",
    "{{.outputPrefix}}",
    "{{.Values.x}}",
    "{{ inputs.x }}",
)

DOLLARS: Final = {
    "$(HOME)": "/root",
    "$$(HOME)": "$(HOME)",
    "$HOME costs $5": "$HOME costs $5",
    "{{.inputs.x}}": "$(HOME)",
    "$({{.inputs.x}})": "$($(HOME))",
    "${{.inputs.x}}": "$$(HOME)",
}
"""What a command gets where ``x`` is ``$(HOME)`` and HOME is /root."""

SHELL: Final[dict[str, Json]] = {
    'As an argument. The script takes it as `"$1"`, with the quotes:': {
        "command": ["sh", "-c", 'printf %s "$1" >"$2"'],
        "args": ["sh", "{{.inputs.x}}", "{{.outputs.y.path}}"],
    },
    "As a variable:": {
        "command": ["sh", "-c", 'printf %s "$TEXT" >"$TARGET"'],
        "env": [
            {"name": "TEXT", "value": "{{.inputs.x}}"},
            {"name": "TARGET", "value": "{{.outputs.y.path}}"},
        ],
    },
    "Quoted, where it has to be in the script. No quotes of your own around it:": {
        "command": ["sh", "-c", "printf %s {{.inputs.x | sh}} >{{.outputs.y.path | sh}}"],
    },
}
"""Ways to hand a value to a shell: each of these copies ``x`` to ``y``, whatever it holds."""
