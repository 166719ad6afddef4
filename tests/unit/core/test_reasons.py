"""Code, documentation and tests know the same reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import reasons as page
from containertask.api.paragraphs import PARAGRAPHS
from containertask.api.reasons import Reason
from containertask.core.dependencies import Sources
from containertask.core.plan import plan
from containertask.core.snapshot import Snapshot, TemplateNote
from containertask.core.stores import new_status, store_view
from support.builders import CONFIG, NOW, a_pod, a_task, refused, seen
from support.cases.ends import ENDS
from support.cases.fallbacks import BY_THE_VOLUME
from support.cases.standings import STANDINGS
from support.storespecs import LEAST, a_store
from support.templateviews import a_run, template

FATAL = ((409, ""), (422, ""), (403, "violates PodSecurity"))


def everything() -> Iterator[tuple[Snapshot, int]]:
    """Yield every snapshot that a table of these tests has, and a task of each way to begin and not to."""
    yield from ((end.snapshot, NOW) for end in ENDS.values())
    yield from ((standing.snapshot, standing.now) for standing in STANDINGS.values())
    yield from ((case.snapshot, case.now) for case in BY_THE_VOLUME.values())
    yield seen(a_task()), NOW
    yield seen(a_task(retries=None), a_pod().gone()), NOW
    yield seen(a_task().with_input("n", "integer", "many")), NOW
    yield from ((seen(a_task(), refusal=refused(code, text)), NOW) for code, text in FATAL)
    yield seen(a_task(accelerator={"type": "none"})), NOW
    yield seen(a_task(podTemplate={"spec": {"hostNetwork": True}})), NOW
    named = seen(a_task(podTemplate={"name": "t"}))
    yield replace(named, template=TemplateNote(name="t", at=NOW)), NOW
    yield from ((snapshot, NOW) for snapshot in waiting_or_in_vain())
    yield seen(a_run()), NOW
    yield seen(a_run(), named=template({})), NOW


def waiting_or_in_vain() -> Iterator[Snapshot]:
    """Yield tasks that need a store, or another task, which is not there or as it has to be."""
    file = a_task().with_output("y", "file")
    yield seen(file)
    yield seen(file, stores=(store_view(a_store({}, "lab")),))
    shared = store_view(a_store({"s3": {"bucket": "results", "region": "eu-central-1"}}, ""))
    yield seen(a_task().with_uri("a", "s3://results/other/x"), stores=(shared,))
    needing = a_task().needing("other")
    other = a_task("other").having("metadata", {"uid": "u2"})
    yield seen(needing)
    yield seen(needing, sources=Sources(tasks={"other": other.view()}))
    yield seen(needing, sources=Sources(tasks={"other": other.finished("Failed").view()}))
    gone = needing.status(dependencies=[{"name": "other", "uid": "u2"}])
    yield seen(gone, sources=Sources(gone=frozenset({"u2"})))


def shown(snapshot: Snapshot, now: int) -> set[str]:
    found = plan(snapshot, now, CONFIG)
    told = {notice.reason for notice in found.notices}
    if found.status is not None:
        told |= {found.status.reason or "", *(one.reason for one in found.status.conditions or ())}
    return told


def test_every_reason_has_a_paragraph() -> None:
    assert PARAGRAPHS.keys() == set(Reason)


def shown_by_stores() -> set[str]:
    found = [new_status(store_view(a_store(spec)), NOW) for spec in (LEAST, {})]
    return {one.reason for status in found if status for one in status.conditions or ()}


def test_every_reason_can_be_shown_and_no_other_is() -> None:
    found = shown_by_stores().union(*(shown(snapshot, now) for snapshot, now in everything()))
    assert found == {reason.value for reason in Reason}


def test_the_page_is_what_the_code_says() -> None:
    assert page.PAGE.read_text() == page.rendered()
