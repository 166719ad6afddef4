"""Tasks with a claim for a store: a folder of the node, mounted into downloader and uploader alone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from support import fivetypes, tasks
from support.claims import Claim, claim
from support.modes import EVERY, LAUNCHED
from support.objectstore import apply, store
from support.tasks import ONCE, Tasks, shell, typed


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Tasks, Claim]]:
    with tasks.namespace("baseline") as made, claim(made, "results") as found:
        apply(made, store("default", {"pvc": {"claimName": "results", "subPath": "runs"}}))
        yield made, found


@pytest.fixture
def here(request: pytest.FixtureRequest, shared: tuple[Tasks, Claim]) -> Iterator[Tasks]:
    own = Tasks(shared[0].core, shared[0].namespace, getattr(request, "param", None))
    yield own
    try:
        own.assert_in_mode()
    finally:
        own.assert_nothing_left()


@pytest.fixture
def volume(shared: tuple[Tasks, Claim]) -> Claim:
    return shared[1]


@pytest.mark.parametrize("here", EVERY, indirect=True)
def test_each_type_goes_out_and_comes_in_again(here: Tasks, volume: Claim) -> None:
    made = here.run("made", fivetypes.producer())
    assert made.phase == "Succeeded", made.message
    folder = fivetypes.folder(made)
    assert folder == f"pvc://results/runs/{here.namespace}/made-{made.uid[:8]}/a0/"
    below = folder.removeprefix("pvc://results/")
    there = volume.run(f"cd {below}outputs; find . -type f -printf '%P %s\\n'")
    assert dict(line.split() for line in there.splitlines()) == {
        key: str(size) for key, size in fivetypes.OBJECTS.items()
    }
    assert json.loads(volume.run(f"cat {below}outputs.json"))["complete"] is True
    fivetypes.assert_seen(here.run("by-uri", fivetypes.consumer(fivetypes.by_uri(folder))))
    fivetypes.assert_seen(here.run("by-ref", fivetypes.consumer(fivetypes.by_reference("made"))))


def test_main_has_nothing_of_the_claim(here: Tasks) -> None:
    script = "grep -c /ct/stores /proc/mounts > /var/outputs/n || true"
    done = here.run("looks", shell(script, outputs=typed(n="integer")))
    assert done.values == {"n": 0}


def test_a_link_in_a_claim_leads_nowhere(here: Tasks, volume: Claim) -> None:
    volume.run("mkdir -p runs/in; ln -sf /etc/passwd runs/in/link")
    uri = "pvc://results/runs/in/link"
    done = here.run("link", shell("true", inputs=[{"name": "f", "type": "file", "uri": uri}], **ONCE))
    assert (done.phase, done.status["error"]["origin"]) == ("Failed", "f")
    assert "link" in done.message


def test_what_is_not_in_a_claim_is_named(here: Tasks) -> None:
    uri = "pvc://results/runs/nothing"
    done = here.run("missing", shell("true", inputs=[{"name": "d", "type": "directory", "uri": uri}], **ONCE))
    assert (done.reason, done.status["error"]["kind"]) == ("InputNotFound", "Permanent")


def test_a_claim_of_no_store_is_waited_for(here: Tasks) -> None:
    here.create("waits", shell("true", inputs=[{"name": "f", "type": "file", "uri": "pvc://other/f"}]))
    waiting = here.waiting_for("waits", "StoreNotFound")
    assert "create an ArtifactStore with pvc.claimName other" in waiting.waiting_for["message"]
    here.patch("waits", cancel=True)
    here.ended("waits")


def test_a_task_waits_for_the_claim_of_its_store() -> None:
    with tasks.namespace("baseline") as apart:
        apply(apart, store("default", {"pvc": {"claimName": "later"}}))
        apart.create("waits", shell("echo 1 > /var/outputs/f", outputs=typed(f="file")))
        apart.waiting_for("waits", "VolumeClaimNotFound")
        with claim(apart, "later"):
            done = apart.ended("waits")
            assert done.phase == "Succeeded", done.message
            apart.delete("waits")
            apart.no_pods("waits")


@pytest.mark.parametrize("here", LAUNCHED, indirect=True)
def test_a_file_of_a_claim_streams(here: Tasks, volume: Claim) -> None:
    volume.run("mkdir -p runs/in; yes line | head -c 3000000 > runs/in/stream")
    given = [{"name": "f", "type": "file", "uri": "pvc://results/runs/in/stream", "mode": "Stream"}]
    spec = shell(
        'wc -c < "$CT_INPUT_DIR/f" > /var/outputs/n', inputs=given, outputs=typed(n="integer"), **ONCE
    )
    assert here.run("streams", spec).values == {"n": 3_000_000}
