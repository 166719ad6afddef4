"""Tasks that come to the same on this machine and on a node: every type, every source, every end.

Each is a shell script that any shell runs, and writes the same bytes wherever that is.
"""

from __future__ import annotations

import json
from typing import Final

from support.everytype import VALUES
from support.localcase import IMAGE, Case, copied, declared, shell

_LARGE: Final = "x" * 3000

_TYPES: Final = [
    copied("integers", low=("integer", -(2**63)), high=("integer", 2**53), zero=("integer", 0)),
    copied(
        "floats",
        small=("float", 5e-324),
        large=("float", 1.7976931348623157e308),
        tenth=("float", 0.1),
        nan=("float", "NaN"),
        infinite=("float", "-Infinity"),
    ),
    copied(
        "texts",
        unicode=("string", "Zürich 東京 🚀 \u202e"),
        quotes=("string", "'\"`\\ $(HOME) $$ {{.inputs.unicode}}"),
        empty=("string", ""),
        lines=("string", "a\r\nb"),
    ),
    copied("booleans", yes=("boolean", True), no=("boolean", False)),
    copied(
        "times",
        nano=("datetime", "2026-01-31T12:00:00.123456789Z"),
        early=("datetime", "0001-01-01T00:00:00Z"),
        late=("datetime", "9999-12-31T23:59:59Z"),
    ),
    copied("durations", long=("duration", "1h30m0s"), short=("duration", "1.5ms"), back=("duration", "-1s")),
    copied("structs", deep=("struct", {"list": [1, None, "x", 2.5], "ü": {"a": True}}), none=("struct", {})),
    copied("bytes", some=("binary", "AAEC/w0KCg=="), none=("binary", "")),
    copied("enums", one=('enum["small","very large"]', "very large")),
    copied("lists", ten=("list[integer]", list(range(11))), none=("list[string]", [])),
    copied("lists-in-lists", two=("list[list[float]]", [[0.5, 1e300], []]), gaps=VALUES["list-with-gaps"]),
    copied("maps", odd=VALUES["map"], none=("map[integer]", {}), lists=VALUES["map-of-lists"]),
    copied("optionals", there=("optional[duration]", "1s"), gone=("optional[list[integer]]", None)),
    copied("unions", first=VALUES["union"], second=VALUES["union-second"]),
    copied("every-type", **VALUES),
    copied("large-values", text=("string", _LARGE), numbers=("list[integer]", list(range(1000)))),
]
_SOURCES: Final = [
    Case(
        name="streams",
        spec=shell(
            """echo '{"a": [1, "2"]}'; echo fine >&2""",
            outputs=[
                {"name": "out", "type": "map[list[integer]]", "source": "Stdout"},
                {"name": "err", "type": "string", "source": "Stderr"},
                {"name": "code", "type": "integer", "source": "ExitCode"},
            ],
        ),
        values={"out": {"a": [1, 2]}, "err": "fine", "code": 0},
    ),
    Case(
        name="templates",
        spec={
            **shell('printf "%s|" "$@" "$SAID" > /var/outputs/said'),
            "args": [
                "sh",
                "{{.inputs.text}}",
                "{{.inputs.text | sh}}",
                "$(CT_NAME) $$(CT_NAME) {{.name}}-{{.attempt}}",
                "{{.inputs.gone}}",
            ],
            "env": [{"name": "SAID", "value": "$(CT_ATTEMPT)/{{.inputs.number}}"}],
            "inputs": [
                {"name": "text", "type": "string", "value": "it's $(HOME) $$"},
                {"name": "number", "type": "float", "default": 1e21},
                {"name": "gone", "type": "integer", "optional": True},
            ],
            "outputs": declared(said="string"),
        },
        values={
            "said": "it's $(HOME) $$|'it'\"'\"'s $(HOME) $$'|templates $(CT_NAME) templates-0||0/"
            "1000000000000000000000|"
        },
    ),
    Case(
        name="paths",
        spec=shell(
            'cat {{.inputs.a.path}} "$CT_INPUT_DIR/a" /var/inputs/a > {{.outputs.b.path}}',
            inputs=[{"name": "a", "type": "string", "value": "x"}],
            outputs=[{"name": "b", "type": "string", "path": "/var/outputs/deep.txt"}],
        ),
        values={"b": "xxx"},
    ),
    Case(
        name="written-as-json",
        spec=shell(
            'for one in list map; do cat "$CT_INPUT_DIR/$one" > "$CT_OUTPUT_DIR/$one"; done',
            inputs=[
                {"name": "list", "type": "string", "value": "[0.5, 2]"},
                {"name": "map", "type": "string", "value": json.dumps({"a/b": [1], "": []})},
            ],
            outputs=declared(list="list[float]", map="map[list[integer]]"),
        ),
        values={"list": [0.5, 2.0], "map": {"a/b": [1], "": []}},
    ),
    Case(
        name="yaml-manifest",
        spec=shell(
            'cat "$CT_INPUTS_FILE" > "$CT_OUTPUT_DIR/seen"',
            metadataFormat="YAML",
            inputs=[{"name": "a", "type": "string", "value": "é: #"}],
            outputs=declared(seen="string"),
        ),
        values={"seen": '"a": "é: #"'},
    ),
    Case(
        name="protobuf-manifest",
        spec=shell(
            'cat "$CT_INPUTS_FILE" > "$CT_OUTPUT_DIR/seen"',
            metadataFormat="PROTO",
            inputs=[{"name": "a", "type": "integer", "value": 7}],
            outputs=declared(seen="binary"),
        ),
        values={"seen": "CgsKAWESBgoECgIIBw=="},
    ),
    Case(
        name="globs-of-values",
        spec=shell(
            'cd "$CT_OUTPUT_DIR"; mkdir parts; for n in 1 2 3; do echo $n > parts/$n.n; done',
            outputs=[{"name": "all", "type": "list[integer]", "glob": "parts/*.n"}],
        ),
        values={"all": [1, 2, 3]},
    ),
    Case(
        name="own-umask",
        spec=shell(
            'umask 077; mkdir "$CT_OUTPUT_DIR/l"; echo 1 > "$CT_OUTPUT_DIR/l/0"',
            outputs=declared(l="list[integer]"),
        ),
        values={"l": [1]},
    ),
]
_FILES: Final = [
    Case(
        name="one-file",
        spec=shell(
            "printf data > /var/outputs/f.csv",
            outputs=[{"name": "f", "type": "file", "path": "/var/outputs/f.csv"}],
        ),
        files={"f.csv": "data"},
    ),
    Case(
        name="directories",
        spec=shell(
            'cd "$CT_OUTPUT_DIR"; mkdir -p d/deep m/x m/y; printf 1 > d/a; printf 2 > d/deep/b; '
            "printf 3 > m/x/1; printf 4 > m/y/2",
            outputs=declared(d="directory", m="map[directory]"),
        ),
        files={"d/a": "1", "d/deep/b": "2", "m/x/1": "3", "m/y/2": "4"},
    ),
    Case(
        name="lists-of-files",
        spec=shell(
            'cd "$CT_OUTPUT_DIR"; mkdir l t; printf 1 > l/0; printf 2 > l/1; printf PAR1 > t/p.parquet',
            outputs=declared(l="list[file]", t="dataset[parquet]"),
        ),
        files={"l/0": "1", "l/1": "2", "t/p.parquet": "PAR1"},
    ),
    Case(
        name="globs-of-files",
        spec=shell(
            'cd "$CT_OUTPUT_DIR"; mkdir -p in/a; printf 1 > in/x.txt; printf 2 > in/a/y.txt',
            outputs=[{"name": "g", "type": "list[file]", "glob": "in/**/*.txt"}],
        ),
        files={"g/in/a/y.txt": "2", "g/in/x.txt": "1"},
    ),
    Case(
        name="files-in",
        spec=shell(
            'cd "$CT_INPUT_DIR"; cat f n/* l/0 > "$CT_OUTPUT_DIR/f"',
            inputs=[
                {"name": "f", "type": "file", "value": "YQ=="},
                {"name": "n", "type": "file", "value": "Yg==", "layout": "NamedDir"},
                {"name": "l", "type": "list[file]", "value": ["Yw=="]},
            ],
            outputs=declared(f="file", gone="optional[file]"),
        ),
        files={"f": "abc"},
    ),
]
_ENDS: Final = [
    Case(
        name="exit-code",
        spec=shell('echo 1 > "$CT_OUTPUT_DIR/a"; exit 3', outputs=declared(a="integer", b="integer")),
        values={"a": 1},
        reason="NonZeroExit",
        exit_code=3,
    ),
    Case(
        name="excused",
        spec=shell(
            'echo 1 > "$CT_OUTPUT_DIR/a"; exit 3',
            outputs=declared(a="integer"),
            retries={"rules": [{"exitCodes": [3], "action": "Succeed"}]},
        ),
        values={"a": 1},
        exit_code=3,
    ),
    Case(
        name="own-error",
        spec=shell('echo "no rows" > "$CT_OUTPUT_DIR/_ERROR"'),
        reason="UserError",
    ),
    Case(name="missing", spec=shell("true", outputs=declared(a="integer")), reason="OutputMissing"),
    Case(
        name="invalid",
        spec=shell('echo x > "$CT_OUTPUT_DIR/a"', outputs=declared(a="integer")),
        reason="OutputInvalid",
    ),
    Case(
        name="no-command",
        spec={"image": IMAGE, "command": ["no-such-program"]},
        reason="CommandNotFound",
        exit_code=127,
    ),
    Case(
        name="too-slow",
        spec=shell("sleep 600", timeout={"execution": "1s"}, retries={"limit": 0}),
        reason="ExecutionTimeout",
        exit_code=143,
    ),
    Case(name="a-fault", spec=shell("kill -11 $$$$"), reason="NonZeroExit", exit_code=139),
]
CASES: Final = (*_TYPES, *_SOURCES, *_FILES, *_ENDS)
