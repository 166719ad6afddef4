"""Specs that contradict themselves about files: URIs, destinations, streams, and how each is refused."""

from __future__ import annotations

from typing import Final

from support.builders import TaskBuilder, a_task


def an_input(kind: str, value: object, **fields: object) -> TaskBuilder:
    return a_task(inputs=[{"name": "a", "type": kind, "value": value, **fields}])


OF_FILES: Final[dict[str, tuple[TaskBuilder, str]]] = {
    "a URI that leaves its folder": (an_input("file", {"uri": "s3://b/a/../k"}), "`.` and `..` would lead"),
    "a URI without a bucket": (
        an_input("list[file]", [{"uri": "s3:///k"}]),
        "it has the form s3://bucket/key",
    ),
    "a URI with a password": (an_input("file", {"uri": "https://a:b@c/d"}), "no user and no password"),
    "a digest of a folder": (
        a_task(inputs=[{"name": "a", "type": "directory", "uri": "s3://b/k", "sha256": "0" * 64}]),
        "sha256 is that of one file",
    ),
    "a blank in a URL": (
        an_input("file", {"uri": "https://h/a b"}),
        "a URL has no blanks: write %20",
    ),
    "a limit of what is not fetched": (an_input("integer", 1, maxBytes=5), "maxBytes is for what is fetched"),
    "a destination of a value": (
        a_task(outputs=[{"name": "o", "type": "float", "destination": "s3://b/k"}]),
        "spec.outputs[o]: destination and maxBytes are for file, directory and dataset",
    ),
    "one destination of two": (
        a_task(outputs=[{"name": n, "type": "file", "destination": "s3://b/k"} for n in ("o", "p")]),
        "spec.outputs[p].destination: output `o` is to lie at, in or around it, at s3://b/k",
    ),
    "one folder of two": (
        a_task(outputs=[{"name": n, "type": "directory", "destination": "s3://b/k/"} for n in ("o", "p")]),
        "spec.outputs[p].destination: output `o` is to lie at, in or around it, at s3://b/k",
    ),
    "a file in another output's folder": (
        a_task(
            outputs=[
                {"name": "o", "type": "directory", "destination": "s3://b/k"},
                {"name": "p", "type": "file", "destination": "s3://b/k/"},
            ]
        ),
        "spec.outputs[p].destination: output `o` is to lie at, in or around it, at s3://b/k",
    ),
    "a folder around another output's file": (
        a_task(
            outputs=[
                {"name": "o", "type": "file", "destination": "s3://b/k/f"},
                {"name": "p", "type": "list[file]", "destination": "s3://b/k/"},
            ]
        ),
        "spec.outputs[p].destination: output `o` is to lie at, in or around it, at s3://b/k/f",
    ),
    "a destination that climbs": (
        a_task(outputs=[{"name": "o", "type": "file", "destination": "s3://b/../k"}]),
        "spec.outputs[o].destination: `.` and `..` would lead elsewhere",
    ),
    "a URI of what has none": (
        a_task(inputs=[{"name": "a", "type": "struct", "uri": "s3://b/k", "mode": "Reference"}]),
        "uri, and a mode, are for file, directory and dataset",
    ),
    "a URI without a scheme": (
        a_task(inputs=[{"name": "a", "type": "file", "uri": "bucket/key", "mode": "Reference"}]),
        "`bucket/key` is no URI",
    ),
    "more names of files than a report has room for": (
        a_task(outputs=[{"name": f"{'n' * 61}{n:02}", "type": "file"} for n in range(32)]),
        "spec.outputs: the names and destinations of 32 outputs that a store keeps take",
    ),
    "a stream of a folder": (
        a_task(inputs=[{"name": "a", "type": "directory", "uri": "s3://b/k/", "mode": "Stream"}]),
        "mode Stream is for one file",
    ),
    "a stream of a list": (
        a_task(
            inputs=[{"name": "a", "type": "list[file]", "value": [{"uri": "s3://b/k"}], "mode": "Stream"}]
        ),
        "mode Stream is for one file",
    ),
    "a stream of content": (an_input("file", "AA==", mode="Stream"), "mode Stream is for what lies at a URI"),
    "a stream without a launcher": (
        a_task(start="Signal").with_uri("a", "s3://b/k", mode="Stream"),
        "spec.inputs[a].mode: Stream needs our launcher",
    ),
    "a stream of an image's own command": (
        a_task(command=None).with_uri("a", "s3://b/k", mode="Stream"),
        "spec.inputs[a].mode: Stream needs our launcher",
    ),
    "more streams than there is memory for": (
        a_task(
            inputs=[{"name": f"a{n}", "type": "file", "uri": "s3://b/k", "mode": "Stream"} for n in range(9)]
        ),
        "spec.inputs: 9 inputs stream, at most 8 do",
    ),
    "content by reference": (
        an_input("file", "AA==", mode="Reference"),
        "mode Reference is for what lies at a URI",
    ),
    "destinations that a report has no room for": (
        a_task(
            outputs=[
                {"name": f"o{n}", "type": "file", "destination": f"s3://b/{'k' * 500}/{n}"} for n in range(5)
            ]
        ),
        "spec.outputs: the names and destinations of 5 outputs that a store keeps take",
    ),
}
