"""Tasks with a bucket of a real S3 server in the cluster, by TLS of a private authority."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import obstore
import pytest

from support import fivetypes, objectstore, tasks
from support.cluster import Json
from support.modes import EVERY, LAUNCHED
from support.objectstore import ObjectStore, apply, content, objects, store
from support.tasks import ONCE, Tasks, shell, typed

BUCKET = "team"


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with objectstore.running(BUCKET, "other") as found:
        yield found


@pytest.fixture(scope="module")
def shared(server: ObjectStore) -> Iterator[Tasks]:
    """A namespace whose default store is the bucket's folder ``results``; another is its folder ``in``."""
    with tasks.namespace("baseline") as made:
        server.introduce(made)
        apply(made, store("default", server.spec(BUCKET, prefix="results")))
        apply(made, store("inputs", server.spec(BUCKET, prefix="in")))
        yield made


@pytest.fixture
def here(request: pytest.FixtureRequest, shared: Tasks) -> Iterator[Tasks]:
    own = Tasks(shared.core, shared.namespace, getattr(request, "param", None))
    yield own
    try:
        own.assert_in_mode()
    finally:
        own.assert_nothing_left()


def an_input(server: ObjectStore, key: str, data: bytes) -> str:
    obstore.put(server.bucket(BUCKET), key, data)
    return f"s3://{BUCKET}/{key}"


def of_attempt(server: ObjectStore, folder: str) -> dict[str, int]:
    """Return what lies in the folder of an attempt, by paths in it."""
    prefix = folder.removeprefix(f"s3://{BUCKET}/")
    return {key.removeprefix(prefix): size for key, size in objects(server.bucket(BUCKET), prefix).items()}


@pytest.mark.parametrize("here", EVERY, indirect=True)
def test_each_type_goes_out_and_comes_in_again(here: Tasks, server: ObjectStore) -> None:
    made = here.run("made", fivetypes.producer())
    assert made.phase == "Succeeded", made.message
    found = of_attempt(server, fivetypes.folder(made))
    assert {key: size for key, size in found.items() if key.startswith("outputs/")} == {
        f"outputs/{key}": size for key, size in fivetypes.OBJECTS.items()
    }
    fivetypes.assert_seen(here.run("by-uri", fivetypes.consumer(fivetypes.by_uri(fivetypes.folder(made)))))
    fivetypes.assert_seen(here.run("by-ref", fivetypes.consumer(fivetypes.by_reference("made"))))


def test_the_status_and_the_manifest_say_the_same(here: Tasks, server: ObjectStore) -> None:
    made = here.run("made", fivetypes.producer())
    folder = fivetypes.folder(made)
    raw = json.loads(content(server.bucket(BUCKET), f"{folder.removeprefix(f's3://{BUCKET}/')}outputs.json"))
    assert (raw["complete"], raw["uid"], raw["attempt"]) == (True, made.uid, 0)
    listed = {one["name"]: one for one in raw["outputs"]}
    told = {one["name"]: one for one in made.status["outputs"]}
    assert listed.keys() == told.keys() == fivetypes.TYPES.keys()
    assert (told["f"]["uri"], told["f"]["size"]) == (f"{folder}outputs/f.txt", 8)
    assert told["f"]["sha256"] == listed["f"]["sha256"] == hashlib.sha256(b"one file").hexdigest()
    assert told["d"]["uri"] == f"{folder}outputs/d/"
    assert "outputs.pb" in of_attempt(server, folder)


def test_what_the_command_says_is_kept(here: Tasks, server: ObjectStore) -> None:
    said = here.run("said", shell("echo out; echo err >&2"))
    key = said.status["logsURI"].removeprefix(f"s3://{BUCKET}/")
    bucket = server.bucket(BUCKET)
    assert (content(bucket, f"{key}stdout"), content(bucket, f"{key}stderr")) == (b"out\n", b"err\n")


def test_a_value_that_no_message_has_room_for_is_kept_and_read_again(here: Tasks) -> None:
    text = "x" * 100_000
    made = here.run(
        "made", shell("yes x | tr -d '\\n' | head -c 100000 > /var/outputs/t", outputs=typed(t="string"))
    )
    (output,) = made.status["outputs"]
    assert "value" not in output
    assert (output["size"], output["sha256"]) == (100_000, hashlib.sha256(text.encode()).hexdigest())
    source = {"taskOutputRef": {"name": "made", "output": "t"}}
    read = shell(
        'wc -c < "$CT_INPUT_DIR/t" > /var/outputs/n',
        inputs=[{"name": "t", "type": "string", "valueFrom": source}],
        outputs=typed(n="integer"),
    )
    assert here.run("read", read).values == {"n": 100_000}


def test_a_failed_attempt_leaves_what_it_wrote_and_the_next_has_a_folder_of_its_own(
    here: Tasks, server: ObjectStore
) -> None:
    script = 'echo "$CT_ATTEMPT" > /var/outputs/f; test "$CT_ATTEMPT" = 1'
    retries = {"limit": 1, "backoff": {"base": "1s"}}
    done = here.run("twice", shell(script, outputs=typed(f="file"), retries=retries))
    assert (done.phase, done.attempt) == ("Succeeded", 1)
    last = fivetypes.folder(done)
    first = last.replace("/a1/", "/a0/")
    bucket = server.bucket(BUCKET)

    def of(folder: str, path: str) -> bytes:
        return content(bucket, folder.removeprefix(f"s3://{BUCKET}/") + path)

    assert (of(first, "outputs/f"), of(last, "outputs/f")) == (b"0\n", b"1\n")
    assert json.loads(of(first, "outputs.json"))["complete"] is False
    assert json.loads(of(last, "outputs.json"))["complete"] is True
    assert "outputs.pb" not in of_attempt(server, first)


def test_who_comes_late_replaces_nothing(here: Tasks, server: ObjectStore) -> None:
    """A manifest that is there already, as of an attempt that was given up and lives on, stays."""
    spec = shell("echo mine > /var/outputs/f", outputs=typed(f="file"), suspend=True)
    created = here.create("late", {**spec, "retries": {"systemLimit": 1, "backoff": {"base": "1s"}}})
    key = f"results/{here.namespace}/late-{created.uid[:8]}/a0/outputs.json"
    obstore.put(server.bucket(BUCKET), key, b"{}")
    here.patch("late", suspend=False)
    done = here.ended("late")
    assert [one["reason"] for one in done.status["attempts"]] == ["OutputsExist", "Succeeded"]
    assert content(server.bucket(BUCKET), key) == b"{}"
    assert fivetypes.folder(done).endswith("/a1/")


def test_an_output_goes_where_it_is_wanted(here: Tasks, server: ObjectStore) -> None:
    target = f"s3://{BUCKET}/results/{here.namespace}/report.html"
    output = {"name": "r", "type": "file", "destination": target}
    done = here.run("report", shell("echo '<p>' > /var/outputs/r", outputs=[output]))
    assert done.phase == "Succeeded", done.message
    assert done.status["outputs"][0]["uri"] == target
    assert content(server.bucket(BUCKET), target.removeprefix(f"s3://{BUCKET}/")) == b"<p>\n"


def streaming(script: str, *inputs: Json, **more: object) -> Json:
    """Return a task whose folder of inputs has no room for what it reads."""
    streams = [{"type": "file", "mode": "Stream", **one} for one in inputs]
    return shell(script, inputs=streams, volumes={"inputs": "1Mi"}, **{**ONCE, **more})


@pytest.mark.parametrize("here", LAUNCHED, indirect=True)
def test_a_file_streams_while_the_command_reads(here: Tasks, server: ObjectStore) -> None:
    data = b"".join(n.to_bytes(4) for n in range(12 << 20))
    sha256 = hashlib.sha256(data).hexdigest()
    uri = an_input(server, "in/stream", data)
    made = here.run("made", shell("echo small > /var/outputs/f", outputs=typed(f="file")))
    assert made.phase == "Succeeded", made.message
    script = """
        test -p "$CT_INPUT_DIR/big"
        sha256sum < "$CT_INPUT_DIR/big" | cut -d' ' -f1 > /var/outputs/sum
        cat "$CT_INPUT_DIR/small" > /var/outputs/said
        if cat "$CT_INPUT_DIR/big" 2> /dev/null; then exit 7; fi
    """
    source = {"taskOutputRef": {"name": "made", "output": "f"}}
    inputs = ({"name": "big", "uri": uri, "sha256": sha256}, {"name": "small", "valueFrom": source})
    done = here.run("streams", streaming(script, *inputs, outputs=typed(sum="string", said="string")))
    assert done.phase == "Succeeded", done.message
    assert done.values == {"sum": sha256, "said": "small"}
    assert done.status["usage"]["bytesIn"] == len(data) + len("small\n")


@pytest.mark.parametrize("here", LAUNCHED, indirect=True)
def test_what_breaks_off_before_the_commands_eyes_is_no_success(here: Tasks) -> None:
    spec = streaming('cat "$CT_INPUT_DIR/f"', {"name": "f", "uri": f"s3://{BUCKET}/in/nothing"})
    done = here.run("broken", spec)
    assert (done.reason, done.status["error"]["kind"]) == ("InputNotFound", "Permanent")
    assert (done.status["error"]["origin"], done.status["attempts"][0]["exitCode"]) == ("f", 0)


def failing(uri: str, **more: object) -> Json:
    return shell("true", inputs=[{"name": "f", "type": "file", "uri": uri, **more}], **ONCE)


def test_what_is_not_there_is_named(here: Tasks) -> None:
    done = here.run("missing", failing(f"s3://{BUCKET}/in/nothing"))
    assert (done.reason, done.status["error"]["kind"]) == ("InputNotFound", "Permanent")
    assert done.status["error"]["origin"] == "f"


def test_another_content_is_refused(here: Tasks, server: ObjectStore) -> None:
    uri = an_input(server, "in/digest", b"other")
    done = here.run("digest", failing(uri, sha256=hashlib.sha256(b"this").hexdigest()))
    assert (done.reason, done.status["error"]["kind"]) == ("InputDigestMismatch", "Permanent")


def test_more_than_is_allowed_is_refused(here: Tasks, server: ObjectStore) -> None:
    done = here.run("large", failing(an_input(server, "in/large", b"12345"), maxBytes=4))
    assert (done.reason, done.status["error"]["kind"]) == ("InputTooLarge", "Permanent")


def test_a_store_that_refuses_is_named_and_no_key_is_shown(server: ObjectStore) -> None:
    with tasks.namespace("baseline") as apart:
        server.introduce(apart, secret="wrong-canary-secret")  # noqa: S106 - wrong on purpose
        apply(apart, store("default", server.spec(BUCKET)))
        done = apart.run("refused", failing(f"s3://{BUCKET}/in/digest"))
        assert (done.reason, done.status["error"]["kind"]) == ("StoreForbidden", "Permanent")
        assert "wrong-canary-secret" not in json.dumps(done.raw)


def test_a_task_waits_for_its_store(server: ObjectStore) -> None:
    with tasks.namespace("baseline") as apart:
        server.introduce(apart)
        apart.create("waits", shell("echo 1 > /var/outputs/f", outputs=typed(f="file")))
        waiting = apart.waiting_for("waits", "StoreNotFound")
        assert "create an ArtifactStore named default" in waiting.waiting_for["message"]
        apply(apart, store("default", server.spec(BUCKET)))
        assert apart.ended("waits").phase == "Succeeded"
