"""Log lines: readable by people, or by machines one line a record, and without the hosts' chatter."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from containertask.runtime import log

OTHERS = ("kopf.objects", "kopf._core", "asyncio")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in OTHERS}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def test_json_is_one_object_a_line_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up("info", "json")
    error = ValueError("two\nlines")
    logging.getLogger("here").error("failed: %s", "a\n\ud800", exc_info=error)
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert (found["level"], found["logger"]) == ("error", "here")
    assert found["message"].startswith("failed: a\n")
    assert "ValueError: two\nlines" in found["exception"]


def test_text_names_level_and_logger(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up("info", "text")
    logging.getLogger("here").info("done")
    assert capsys.readouterr().err.endswith(" INFO here done\n")


@pytest.mark.parametrize(("level", "shown"), [("info", False), ("debug", True)])
def test_the_hosts_lines_about_each_event_are_shown_only_for_debugging(
    capsys: pytest.CaptureFixture[str], level: str, *, shown: bool
) -> None:
    log.set_up(level, "text")
    logging.getLogger("kopf.objects").info("Handler is invoked")
    logging.getLogger("kopf.objects").error("Handler failed")
    said = capsys.readouterr().err
    assert ("invoked" in said) is shown
    assert "Handler failed" in said
