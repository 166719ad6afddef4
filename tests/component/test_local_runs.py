"""A task as a process of this machine: its inputs, variables, Secrets, folders, logs, and what stays."""

from __future__ import annotations

import errno
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from containertask.errors import InvalidTaskError, LocalRunError, MissingToolError
from containertask.local.programs import LAUNCHER
from support.localruns import folder_of, run, task
from support.tasks import typed

SECRET = "canary-secret-value"  # noqa: S105 - what nobody may read in a log


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)


# --- Folders ---------------------------------------------------------------------------------------


def test_without_files_nothing_stays(tmp_path: Path) -> None:
    ended = run(task("echo 1 > /var/outputs/a", outputs=typed(a="integer")))
    assert (ended.phase, ended.message, ended.outputs) == ("Succeeded", "", {"a": 1})
    assert not ended.folder.exists()
    assert not [*(tmp_path / "temporary").iterdir()]


def test_files_stay_where_their_uris_say() -> None:
    ended = run(
        task(
            "echo 1 > /var/outputs/a.txt",
            outputs=[{"name": "a", "type": "file", "path": "/var/outputs/a.txt"}],
        )
    )
    assert ended.outputs == {"a": {"uri": f"file://{ended.folder}/outputs/a.txt"}}
    assert (ended.folder / "outputs/a.txt").read_text() == "1\n"
    assert sorted(one.name for one in ended.folder.iterdir()) == [
        "logs",
        "outputs",
        "outputs.json",
        "outputs.pb",
    ]


def test_a_folder_that_is_named_has_inputs_and_logs_too(tmp_path: Path) -> None:
    given = [{"name": "a", "type": "integer", "value": 1}]
    ended = run(task("echo out; echo err >&2", inputs=given), folder=tmp_path / "run")
    assert ended.folder == tmp_path / "run"
    assert (ended.folder / "inputs/a").read_text() == "1"
    logs = {one.name: one.read_text() for one in (ended.folder / "logs").iterdir()}
    assert (logs["stdout"], logs["stderr"]) == ("out\n", "err\n")
    assert "Uploaded" in logs["uploader"]


def test_a_folder_with_an_earlier_run_in_it_is_refused(tmp_path: Path) -> None:
    run(task("true"), folder=tmp_path / "run")
    with pytest.raises(LocalRunError, match=r"is there already, .* remove it"):
        run(task("true"), folder=tmp_path / "run")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalRunError, match="file/run: not a directory"):
        run(task("true"), folder=tmp_path / "file/run")


def test_the_command_runs_where_its_caller_is(tmp_path: Path) -> None:
    ended = run(task("pwd > /var/outputs/a", outputs=typed(a="string")))
    assert ended.outputs == {"a": str(tmp_path / "here")}


def test_a_working_folder_that_is_not_here_is_named() -> None:
    ended = run(task("true", workingDir="/no/such"))
    assert (ended.phase, ended.reason) == ("Failed", "ContainerStartFailed")
    assert "/no/such is no folder of this machine" in ended.message


def test_many_run_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        tasks = [task(f"echo {n} > /var/outputs/a", outputs=typed(a="integer")) for n in range(8)]
        assert [one.outputs for one in pool.map(run, tasks)] == [{"a": n} for n in range(8)]


# --- Files of this machine -------------------------------------------------------------------------


def test_files_and_folders_of_this_machine_are_inputs(tmp_path: Path) -> None:
    (tmp_path / "here/a b.txt").write_text("file")
    (tmp_path / "folder/in").mkdir(parents=True)
    (tmp_path / "folder/in/x").write_text("folder")
    (tmp_path / "link").symlink_to(tmp_path / "here/a b.txt")
    given = [
        {"name": "uri", "type": "file", "uri": (tmp_path / "here/a b.txt").as_uri()},
        {"name": "path", "type": "file", "uri": "a b.txt"},
        {"name": "linked", "type": "file", "uri": str(tmp_path / "link")},
        {"name": "folder", "type": "directory", "uri": f"file://{tmp_path}/folder"},
        {"name": "list", "type": "list[file]", "value": [{"uri": str(tmp_path / "folder/in/x")}]},
    ]
    script = "cd /var/inputs; cat uri path linked folder/in/x list/0 > /var/outputs/a; echo > uri"
    ended = run(task(script, inputs=given, outputs=typed(a="string")))
    assert ended.outputs == {"a": "filefilefilefolderfolder"}, ended
    assert (tmp_path / "here/a b.txt").read_text() == "file"


def test_a_struct_that_looks_like_a_file_is_none() -> None:
    given = [{"name": "s", "type": "struct", "value": {"uri": "a"}}]
    ended = run(task("cat /var/inputs/s > /var/outputs/s", inputs=given, outputs=typed(s="struct")))
    assert ended.outputs == {"s": {"uri": "a"}}


def test_where_a_file_lies_is_told_as_people_know_it(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    given = [{"name": "r", "type": "file", "uri": str(tmp_path / "f"), "mode": "Reference"}]
    script = "echo {{.inputs.r.uri}} $(cat /var/inputs/r) > /var/outputs/a"
    ended = run(task(script, inputs=given, outputs=typed(a="string")))
    assert ended.outputs == {"a": " ".join([f"file://{tmp_path}/f"] * 2)}


@pytest.mark.parametrize(("layout", "path"), [("Direct", "f"), ("NamedDir", "f/*")])
def test_a_file_streams(tmp_path: Path, layout: str, path: str) -> None:
    (tmp_path / "f").write_bytes(b"line\n" * 600_000)
    given = [{"name": "f", "type": "file", "uri": str(tmp_path / "f"), "mode": "Stream", "layout": layout}]
    script = f"cat /var/inputs/{path} | wc -c > /var/outputs/n"
    ended = run(task(script, inputs=given, outputs=typed(n="integer")))
    assert ended.outputs == {"n": 3_000_000}, ended


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    given = [{"name": "f", "type": "file", "uri": str(tmp_path / "none")}]
    ended = run(task("true", inputs=given))
    assert (ended.phase, ended.reason, ended.origin) == ("Failed", "InputNotFound", "f")
    assert f"file://{tmp_path}/none" in ended.message
    assert ended.exit_code is None


def test_an_output_may_be_the_next_input() -> None:
    made = run(task("mkdir /var/outputs/d; echo 7 > /var/outputs/d/x", outputs=typed(d="directory")))
    given = [{"name": "d", "type": "directory", "value": made.outputs["d"]}]
    ended = run(task("cat /var/inputs/d/x > /var/outputs/n", inputs=given, outputs=typed(n="integer")))
    assert ended.outputs == {"n": 7}


# --- Variables, Secrets, ConfigMaps ----------------------------------------------------------------


def test_secrets_come_from_files_and_are_in_no_log(tmp_path: Path) -> None:
    secrets = folder_of(tmp_path / "secrets", db={"password": SECRET, "no-name!": "x"}, more={"user": "me"})
    told: list[tuple[str, bytes]] = []
    given = task(
        'test "$PASSWORD" = "$(cat /etc/db/password)"; test "$DB_password" = "$PASSWORD"; '
        'test "$URL" = "me:$PASSWORD"; test ! -s /etc/db/none; echo ${#PASSWORD} > /var/outputs/n',
        outputs=typed(n="integer"),
        secrets=[
            {"name": "db", "key": "password", "env": "PASSWORD"},
            {"name": "db", "key": "password", "file": "/etc/db/password"},
            {"name": "none", "key": "none", "file": "/etc/db/none", "optional": True},
            {"name": "none", "key": "none", "env": "NONE", "optional": True},
        ],
        env=[
            {"name": "USER_NAME", "valueFrom": {"secretKeyRef": {"name": "more", "key": "user"}}},
            {"name": "URL", "value": "$(USER_NAME):$(PASSWORD)"},
        ],
        envFrom=[
            {"prefix": "DB_", "secretRef": {"name": "db"}},
            {"secretRef": {"name": "no", "optional": True}},
        ],
    )
    ended = run(given, secrets=secrets, logs=lambda *each: told.append(each), folder=tmp_path / "run")
    assert ended.outputs == {"n": len(SECRET)}, ended
    assert SECRET not in repr(ended) + repr(told)
    files = [one for one in (tmp_path / "run").rglob("*") if one.is_file()]
    assert not [one for one in files if SECRET.encode() in one.read_bytes()]


@pytest.mark.parametrize("place", ["env", "file"])
def test_a_secret_that_is_missing_ends_the_run_before_the_command(tmp_path: Path, place: str) -> None:
    value = {"env": "A", "file": "/etc/a"}[place]
    given = task("touch ran", secrets=[{"name": "db", "key": "password", place: value}])
    ended = run(given, secrets=folder_of(tmp_path / "secrets", db={}))
    assert (ended.phase, ended.reason) == ("Failed", "SecretNotFound")
    assert (
        ended.message == "key password of Secret db is not there: put db/password into the folder of secrets"
    )
    assert not (tmp_path / "here/ran").exists()
    assert run(given).message.endswith("name a folder with db/password in it as secrets")


def test_config_maps_give_variables_and_inputs(tmp_path: Path) -> None:
    maps = folder_of(tmp_path / "maps", app={"rate": "0.5\n", "mode": "fast"})
    ref = {"valueFrom": {"configMapKeyRef": {"name": "app", "key": "rate"}}}
    none = {"valueFrom": {"configMapKeyRef": {"name": "app", "key": "none"}}}
    given = task(
        "echo $MODE $(cat /var/inputs/rate) $(cat /var/inputs/other) > /var/outputs/a",
        inputs=[
            {"name": "rate", "type": "float", **ref},
            {"name": "other", "type": "integer", "default": 3, **none},
        ],
        env=[{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "app", "key": "mode"}}}],
        outputs=typed(a="string"),
    )
    assert run(given, config_maps=maps).outputs == {"a": "fast 0.5 3"}
    ended = run(given)
    assert (ended.phase, ended.reason) == ("Failed", "ConfigMapNotFound")


def test_fields_of_a_pod_that_a_run_has_are_given_and_others_refused() -> None:
    def given(path: str) -> dict[str, object]:
        return {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": path}}}

    ended = run(
        task('echo "$A" > /var/outputs/a', env=[given("metadata.namespace")], outputs=typed(a="string"))
    )
    assert ended.outputs == {"a": "default"}
    with pytest.raises(InvalidTaskError, match=r"spec\.env\[A\].*metadata\.name"):
        run(task("true", env=[given("status.podIP")]))


# --- Logs ------------------------------------------------------------------------------------------


def test_what_the_command_writes_is_told_as_it_comes() -> None:
    told: dict[str, bytes] = {}

    def tell(stream: str, data: bytes) -> None:
        told[stream] = told.get(stream, b"") + data

    ended = run(task("seq 3; echo err >&2; exit 2"), logs=tell)
    assert (told["stdout"], told["stderr"]) == (b"1\n2\n3\n", b"err\n")
    assert b"nothing is isolated" in told["ctask"]
    assert ended.message == "the command ended with exit code 2"
    assert sorted(ended.log.splitlines()) == ["1", "2", "3", "err"]


def test_a_listener_that_has_gone_does_not_end_the_command() -> None:
    def tell(_stream: str, _data: bytes) -> None:
        raise BrokenPipeError

    ended = run(task("seq 100000; echo 1 > /var/outputs/a", outputs=typed(a="integer")), logs=tell)
    assert ended.outputs == {"a": 1}
    assert ended.log.splitlines()[-1] == "100000"


# --- What cannot be --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"command": None}, "spec.command: without a container .* set command"),
        ({"comand": ["x"]}, "spec.comand: .* did you mean command"),
        ({"inputs": [{"name": "a", "type": "integer", "value": "x"}]}, r"spec.inputs\[a\]: type integer"),
        (
            {
                "inputs": [
                    {
                        "name": "a",
                        "type": "integer",
                        "valueFrom": {"taskOutputRef": {"name": "b", "output": "c"}},
                    }
                ]
            },
            r"spec.inputs\[a\]: .*only a cluster knows: write a value",
        ),
        ({"inputs": [{"name": "f", "type": "file", "uri": "pvc://data/f"}]}, "no store is the claim data"),
        ({"podTemplate": {"name": "gpu"}}, "spec.podTemplate.name: .* leave it out"),
        (
            {"templateRef": {"name": "area"}, "image": None, "command": None},
            "spec.templateRef: a template is only on a cluster: write out image, command",
        ),
    ],
)
def test_a_task_that_cannot_run_here_is_refused_with_the_cure(change: dict[str, object], said: str) -> None:
    given = task("true")
    given["spec"] = {name: value for name, value in {**given["spec"], **change}.items() if value is not None}
    if "claim" in said:
        assert said in run(given).message
        return
    with pytest.raises(InvalidTaskError, match=said):
        run(given)


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        {"apiVersion": "v1", "kind": "Pod"},
        {**task("true"), "metadata": {}},
        {**task("true"), "spec": 3},
    ],
)
def test_what_is_no_task_is_refused(given: object) -> None:
    with pytest.raises(InvalidTaskError):
        run(given)  # type: ignore[arg-type]


@pytest.mark.parametrize("metadata", [{"name": "Ü"}, {"name": "a" * 53}, {"name": "a", "namespace": "../b"}])
def test_a_name_that_no_object_has_is_refused(metadata: dict[str, str]) -> None:
    with pytest.raises(InvalidTaskError, match=r"metadata\.name(space)?: write at most"):
        run({**task("true"), "metadata": metadata})


def test_a_disk_that_is_full_is_an_error_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/some/file")

    monkeypatch.setattr("containertask.local.run.lay_out", full)
    with pytest.raises(LocalRunError, match="/some/file: no space left on device"):
        run(task("true"))
    assert not [*(tmp_path / "temporary").iterdir()]


def test_a_launcher_that_is_named_and_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LAUNCHER, "/no/such/launcher")
    with pytest.raises(MissingToolError, match="CT_LAUNCHER names /no/such/launcher"):
        run(task("true"))


def test_what_only_an_administrator_allows_is_not_allowed_here() -> None:
    ended = run(task("true", securityContext={"privileged": True}))
    assert (ended.phase, ended.reason) == ("Failed", "NotAllowed")
