"""Inputs from web servers, on the node: with and without a store; what no Pod may reach."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from support import cluster, tasks
from support.cluster import Json
from support.objectstore import apply, is_ready, store
from support.tasks import ONCE, Tasks, shell, typed

_FILES = {"a.txt": "one file", "b.txt": "another"}
_PORT = 8080


def _server() -> Json:
    make = "; ".join(f"printf '{text}' > /tmp/www/{name}" for name, text in _FILES.items())
    container = {
        "name": "web",
        "image": "containertask-test/shell:dev",
        "command": ["sh", "-euc", f"mkdir -p /tmp/www; {make}; exec httpd -f -p {_PORT} -h /tmp/www"],
        "readinessProbe": {"tcpSocket": {"port": _PORT}, "periodSeconds": 1},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - in a Pod
    }
    spec = {"containers": [container], "volumes": [{"name": "tmp", "emptyDir": {}}]}
    return {"metadata": {"name": "web", "labels": {"app": "web"}}, "spec": spec}


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """A web server in a namespace of its own."""
    with tasks.namespace("baseline") as made:
        made.core.create_namespaced_pod(made.namespace, _server())
        service = {"selector": {"app": "web"}, "ports": [{"port": _PORT}]}
        made.core.create_namespaced_service(made.namespace, {"metadata": {"name": "web"}, "spec": service})
        cluster.Namespace(made.core, made.namespace).wait("web", is_ready)
        yield f"web.{made.namespace}.svc:{_PORT}"


def reading(uri: str, **more: object) -> Json:
    given = [{"name": "f", "type": "file", "uri": uri, **more}]
    script = 'cat "$CT_INPUT_DIR"/f* "$CT_INPUT_DIR"/f/* > /var/outputs/s 2>/dev/null || true'
    return shell(script, inputs=given, outputs=typed(s="string"), **ONCE)


def test_a_file_comes_from_the_web(here: Tasks, host: str) -> None:
    sha256 = hashlib.sha256(b"one file").hexdigest()
    assert here.run("direct", reading(f"http://{host}/a.txt", sha256=sha256)).values == {"s": "one file"}
    named = reading(f"http://{host}/a.txt", layout="NamedDir")
    named["command"][2] = 'cat "$CT_INPUT_DIR/f/a.txt" > /var/outputs/s'
    assert here.run("named", named).values == {"s": "one file"}


def test_a_list_of_files_comes_from_the_web(here: Tasks, host: str) -> None:
    value = [{"uri": f"http://{host}/{name}"} for name in _FILES]
    spec = shell(
        'cat "$CT_INPUT_DIR"/l/0 "$CT_INPUT_DIR"/l/1 > /var/outputs/s',
        inputs=[{"name": "l", "type": "list[file]", "value": value}],
        outputs=typed(s="string"),
    )
    assert here.run("list", spec).values == {"s": "one fileanother"}


def test_a_dataset_of_one_file_and_a_map_of_files_come_from_the_web(here: Tasks, host: str) -> None:
    uris = {name: {"uri": f"http://{host}/{name}"} for name in _FILES}
    spec = shell(
        'cat "$CT_INPUT_DIR/d" "$CT_INPUT_DIR/m/b.txt" > /var/outputs/s',
        inputs=[
            {"name": "d", "type": "dataset[csv]", "uri": f"http://{host}/a.txt"},
            {"name": "m", "type": "map[file]", "value": uris},
        ],
        outputs=typed(s="string"),
    )
    assert here.run("several", spec).values == {"s": "one fileanother"}


def test_a_file_of_the_web_streams(here: Tasks, host: str) -> None:
    sha256 = hashlib.sha256(b"another").hexdigest()
    given = [{"name": "f", "type": "file", "uri": f"http://{host}/b.txt", "sha256": sha256, "mode": "Stream"}]
    spec = shell('cat "$CT_INPUT_DIR/f" > /var/outputs/s', inputs=given, outputs=typed(s="string"), **ONCE)
    done = here.run("streams", spec)
    assert (done.values, done.status["usage"]["bytesIn"]) == ({"s": "another"}, len("another"))


def test_a_store_of_web_servers_is_used(apart: Tasks, host: str) -> None:
    apply(apart, store("web", {"http": {"hosts": [host]}}))
    assert apart.run("through", reading(f"http://{host}/b.txt")).values == {"s": "another"}


def test_a_directory_of_the_web_is_refused(here: Tasks, host: str) -> None:
    spec = shell("true", inputs=[{"name": "d", "type": "directory", "uri": f"http://{host}/"}], **ONCE)
    done = here.run("directory", spec)
    assert (done.reason, done.status["error"]["origin"]) == ("InvalidInput", "d")


def test_what_is_not_there_is_named(here: Tasks, host: str) -> None:
    assert here.run("missing", reading(f"http://{host}/nothing")).reason == "InputNotFound"


@pytest.mark.parametrize("host", ["169.254.169.254", "127.0.0.1:8080", "localhost:10248", "[::1]:8080"])
def test_what_is_the_nodes_own_is_refused(here: Tasks, host: str) -> None:
    done = here.run("own", reading(f"http://{host}/latest/meta-data"))
    assert done.phase == "Failed"
    assert done.reason in {"StoreForbidden", "StoreUnavailable"}
    assert "not allowed" in done.message
