"""Outputs found by a pattern: one item for each file that fits, in the order of their paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from support.copilot import Pod, declare, fault, message, record, shell, temporary_pod
from support.copilotcode import UNPRIVILEGED


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod() as made:
        yield made


def pattern(pod: Pod, glob: str, kind: str = "list[string]", *, optional: bool = False) -> None:
    """Have the task declare one output by a pattern."""
    declare(pod, OutputItem(name="x", type=kind, glob=glob, optional=optional))


TREE = (
    "mkdir -p p/q .h; "
    "for f in a.json b.json p/c.json p/q/d.json p/.e.json .h/f.json _ERR p/g; do echo $f > $f; done"
)


@pytest.mark.parametrize(
    ("glob", "names"),
    [
        ("*.json", ["a.json", "b.json"]),
        ("**/*.json", ["a.json", "b.json", "p/c.json", "p/q/d.json"]),
        ("**/.*.json", ["p/.e.json"]),
        (".h/*", [".h/f.json"]),
        ("p/**", ["p/c.json", "p/g", "p/q/d.json"]),
        ("p/*", ["p/c.json", "p/g"]),
        ("**/q/**/d*", ["p/q/d.json"]),
        ("[!a]*.json", ["b.json"]),
        ("?.json", ["a.json", "b.json"]),
        ("a.json", ["a.json"]),
    ],
)
def test_the_files_that_fit_in_the_order_of_their_paths(pod: Pod, glob: str, names: list[str]) -> None:
    pattern(pod, glob)
    told = shell(pod, TREE)
    assert (fault(told), told.report.outputs) == ((0, Outcome.UPLOADED, None), {"x": names})


def test_an_item_with_parts_is_json_in_one_file(pod: Pod) -> None:
    pattern(pod, "parts/*", "list[map[optional[integer]]]")
    told = shell(pod, "mkdir -p parts/folder; echo '{\"a\": 1}' > parts/1; echo '{\"b\": null}' > parts/0")
    assert told.report.outputs == {"x": [{"b": None}, {"a": 1}]}


@pytest.mark.parametrize(("kind", "optional"), [("list[string]", True), ("optional[list[string]]", False)])
def test_where_nothing_fits_an_optional_list_is_empty(pod: Pod, kind: str, optional: bool) -> None:  # noqa: FBT001
    pattern(pod, "parts/*", kind, optional=optional)
    told = shell(pod, "true")
    assert (fault(told), told.report.outputs) == ((0, Outcome.UPLOADED, None), {"x": []})


def test_where_nothing_fits_the_message_says_what_is_there(pod: Pod) -> None:
    pattern(pod, "parts/*.json")
    told = shell(pod, "mkdir -p parts/d; touch parts/a.jsn parts/d/b.json")
    assert fault(told) == (1, Outcome.OUTPUT_MISSING, "x")
    assert message(told) == (
        "output `x`: no file fits `parts/*.json` in the output folder; "
        "no output declares `parts/a.jsn`, `parts/d/b.json`"
    )


def test_what_fits_is_declared(pod: Pod) -> None:
    pattern(pod, "**/*.json")
    told = shell(pod, TREE)
    assert told.log.splitlines()[-1].endswith("no output declares `.h/f.json`, `_ERR`, `p/.e.json`, `p/g`")


def test_the_error_file_fits_nothing(pod: Pod) -> None:
    pattern(pod, "*", optional=True)
    told = shell(pod, "touch _ERROR")
    assert (told.report.outcome, told.report.outputs) == (Outcome.USER_ERROR, {})


def test_a_file_of_that_name_elsewhere_is_one_like_others(pod: Pod) -> None:
    pattern(pod, "d/*")
    assert shell(pod, "mkdir d; echo no > d/_ERROR").report.outputs == {"x": ["no"]}


@pytest.mark.parametrize(
    ("glob", "script", "outcome", "text"),
    [
        (
            "p/*",
            "mkdir p; ln -s /etc/passwd p/a",
            Outcome.OUTPUT_UNREADABLE,
            "`p/a` is a link: have the command",
        ),
        ("p/*", "ln -s /etc p", Outcome.OUTPUT_UNREADABLE, "`p` is a link: have the command write a folder"),
        ("*/passwd", "ln -s /etc p", Outcome.OUTPUT_UNREADABLE, "`p` is a link"),
        ("**/passwd", "ln -s /etc p", Outcome.OUTPUT_MISSING, "no file fits `**/passwd`"),
        ("p/*", "mkfifo p", Outcome.OUTPUT_MISSING, "no file fits `p/*`"),
        ("**", "mkfifo p", Outcome.OUTPUT_UNREADABLE, "`p` is a FIFO: have the command write a file"),
        ("*", "touch \"$(printf 'a\\377')\"", Outcome.OUTPUT_INVALID, "the name of `a?` is not UTF-8"),
        ("*", "echo 1 > a; echo '2' > b; echo c > c", Outcome.OUTPUT_INVALID, "`c`: `c` is not an integer"),
    ],
)
def test_what_fits_and_is_no_item(pod: Pod, glob: str, script: str, outcome: Outcome, text: str) -> None:
    pattern(pod, glob, "list[integer]")
    told = shell(pod, script)
    assert fault(told) == (1, outcome, "x")
    assert text in message(told)
    assert "root:" not in told.message + told.log


def test_a_pattern_for_what_is_no_list_is_our_own_fault(pod: Pod) -> None:
    pattern(pod, "*", "map[string]")
    assert fault(shell(pod, "true")) == (1, Outcome.COPILOT_FAILED, "x")


def test_all_that_fits_is_one_value_and_no_larger(pod: Pod) -> None:
    pattern(pod, "*")
    told = shell(pod, "head -c 600000 /dev/zero | tee a > b")
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "x")
    assert "has 1200000 bytes or more, a value has at most 1048576: write less" in message(told)


@pytest.mark.parametrize("closed", ["d", "d/a"])
def test_what_nobody_may_read_is_named_with_the_cure(pod: Pod, closed: str) -> None:
    pattern(pod, "d/*")
    (pod.path("outputs") / "d").mkdir()
    (pod.path("outputs") / "d/a").touch()
    (pod.path("outputs") / closed).chmod(0)
    told = replace(pod, user=UNPRIVILEGED).upload_after(record())
    (pod.path("outputs") / closed).chmod(0o700)
    assert fault(told) == (1, Outcome.OUTPUT_UNREADABLE, "x")
    assert message(told).startswith(
        f"output `x`: `{closed}`: permission denied (EACCES): have the command make"
    )
