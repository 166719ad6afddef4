"""Specs that are refused: where, with which words, by the API server and by ``parse_spec`` alike."""

from __future__ import annotations

import re
from dataclasses import dataclass

from support.specs import Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """One example: the change that makes a spec wrong, the field at fault, and what a person reads.

    ``server`` is a pattern for what the API server says where it has words of its own, or names no item.
    """

    change: Json
    field: str
    says: str
    server: str = ""

    @property
    def server_pattern(self) -> str:
        """Return the pattern that the API server's message has to match."""
        field = "".join(
            r"\[[^\]]+\]" if part.startswith("[") else re.escape(part)
            for part in re.split(r"(\[[^\]]*\])", self.field)
        )
        return self.server or rf"{field}: .*{re.escape(self.says)}"


OBJECT = "write an object's name in small letters, digits, `-` and `.`, such as batch-low"

SHAPES: dict[str, Refusal] = {
    "no image": Refusal({"image": ...}, "spec.image", "is missing", r"spec\.image: .*image is missing"),
    "an empty image": Refusal({"image": ""}, "spec.image", "such as alpine:3.22"),
    "an image with a blank": Refusal(
        {"image": " alpine"}, "spec.image", "an image has a name without blanks, such as alpine:3.22"
    ),
    "an empty command": Refusal(
        {"command": []}, "spec.command", "an empty list", r"spec\.command: Invalid value.*at least 1 item"
    ),
    "a bare string as command": Refusal(
        {"command": "true"},
        "spec.command",
        "a string where a list is wanted",
        r"spec\.command: Invalid value: \"string\".*array",
    ),
    "an argument that is no string": Refusal(
        {"args": ["x", 5]},
        "spec.args[1]",
        "an integer where a string is wanted: put it in quotes",
        r"spec\.args\[1\]: Invalid value: \"integer\".*string",
    ),
    "an argument that is too long": Refusal(
        {"args": ["x" * 131_072]},
        "spec.args[0]",
        "131072 characters: at most 131071",
        r"spec\.args\[0\]: Too long",
    ),
    "an unknown format": Refusal(
        {"metadataFormat": "XML"},
        "spec.metadataFormat",
        "`XML` is none of JSON, YAML, PROTO",
        r'supported values: "JSON", "YAML", "PROTO"',
    ),
    "a mode that does not exist": Refusal(
        {"start": "Warm"},
        "spec.start",
        "`Warm` is none of Auto, Gated, Init, Signal",
        r"spec\.start: Unsupported value",
    ),
    "a number where a word is wanted": Refusal(
        {"podRetention": 5},
        "spec.podRetention",
        "an integer where one of Always, OnFailure, Never is wanted",
        r"spec\.podRetention: .*must be of type string",
    ),
    "a negative TTL": Refusal(
        {"ttlSecondsAfterFinished": -1},
        "spec.ttlSecondsAfterFinished",
        "-1 is not within 0 to 2147483647",
        r"spec\.ttlSecondsAfterFinished: Invalid value",
    ),
    "a word for a boolean": Refusal(
        {"suspend": "yes"},
        "spec.suspend",
        "a string where true or false is wanted",
        r"spec\.suspend: .*must be of type boolean",
    ),
    "a misspelt field": Refusal(
        {"comand": ["true"]},
        "spec.comand",
        "is no field; did you mean command?",
        r'unknown field "spec\.comand"',
    ),
    "a field in Python's spelling": Refusal(
        {"input_dir": "/d"},
        "spec.input_dir",
        "is no field; did you mean inputDir?",
        r'unknown field "spec\.input_dir"',
    ),
    "a relative workingDir": Refusal(
        {"workingDir": "work"}, "spec.workingDir", "write an absolute path, such as /work"
    ),
    "a Secret's name in capitals": Refusal(
        {"imagePullSecrets": [{"name": "Registry"}]}, "spec.imagePullSecrets[Registry].name", OBJECT
    ),
    "a priority class with a blank": Refusal(
        {"priorityClassName": "batch low"}, "spec.priorityClassName", OBJECT
    ),
    "a service account with a slash": Refusal(
        {"serviceAccountName": "a/b"}, "spec.serviceAccountName", OBJECT
    ),
}
