"""ContainerTask, member by member: each parameter and method of Flyte's class under its own name."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any, Final

import pytest

import containertask as ct
from containertask.core.blueprint import resolve
from containertask.sdk.keywords import KEYWORDS, LOCAL
from containertask.sdk.options import Options

Json = dict[str, Any]

COMMAND: Final = ["sh", "-c", "true"]


def make(**more: Any) -> ct.ContainerTask:
    return ct.ContainerTask("area", "alpine:3.22", COMMAND, **more)


def spec(task: ct.ContainerTask, **inputs: object) -> Json:
    found: Json = task.to_manifest(**inputs)["spec"]
    return found


# --- The ten parameters ---


def test_container_task_by_position() -> None:
    task = ct.ContainerTask(
        "area",
        "alpine:3.22",
        ["calc"],
        {"a": float},
        ["{{.inputs.a}}"],
        {"area": float},
        "/in",
        "/out",
        "YAML",
        local_logs=False,
    )
    assert task.to_manifest(a=2.5) == {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": "ContainerTask",
        "metadata": {"name": "area"},
        "spec": {
            "image": "alpine:3.22",
            "command": ["calc"],
            "args": ["{{.inputs.a}}"],
            "inputDir": "/in",
            "outputDir": "/out",
            "metadataFormat": "YAML",
            "inputs": [{"name": "a", "type": "float", "value": 2.5}],
            "outputs": [{"name": "area", "type": "float"}],
        },
    }


@pytest.mark.parametrize("name", ["area", "a-b", "a" * 52])
def test_container_task_name(name: str) -> None:
    assert ct.ContainerTask(name, "a", COMMAND).to_manifest()["metadata"]["name"] == name


@pytest.mark.parametrize("name", ["My.Module.task", "a_b", "x" * 53, "-", "Ärea"])
def test_a_name_that_kubernetes_does_not_take_gets_a_digest_of_itself(name: str) -> None:
    made = ct.ContainerTask(name, "a", COMMAND)
    found = made.to_manifest()["metadata"]["name"]
    assert made.name == name
    assert len(found) <= 52
    assert found != ct.ContainerTask(name + "x", "a", COMMAND).to_manifest()["metadata"]["name"]


@pytest.mark.parametrize("image", ["alpine:3.22", SimpleNamespace(uri="alpine:3.22")])
def test_container_task_image(image: Any) -> None:
    task = ct.ContainerTask("a", image, COMMAND)
    assert task.image == "alpine:3.22"
    assert spec(task)["image"] == "alpine:3.22"


@pytest.mark.parametrize(
    ("image", "error", "says"),
    [
        (3, TypeError, "image is an int"),
        (SimpleNamespace(uri=3), TypeError, "`uri` is a str"),
        ("auto", ValueError, "would have to be built"),
    ],
)
def test_an_image_that_is_none_is_refused(image: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ct.ContainerTask("a", image, COMMAND)


def test_container_task_command() -> None:
    assert spec(make())["command"] == COMMAND
    assert "command" not in spec(ct.ContainerTask("a", "b", start="Signal"))


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("echo hello", r"write a list, such as \['sh', '-c', 'echo hello'\]"),
        (["echo", 3], r"command\[1\] is an int"),
        ({"a": 1}, "command is a dict"),
        (b"echo", "command is a bytes"),
    ],
)
def test_a_command_that_is_no_list_of_strings_is_refused(command: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        ct.ContainerTask("a", "b", command)


def test_container_task_inputs() -> None:
    task = make(inputs={"a": int, "b": ct.Input(str, "x", mode=None), "c": ct.Input(ct.File, max_bytes=5)})
    found = spec(task, a=1, c=ct.File(uri="s3://bucket/key"))["inputs"]
    assert found == [
        {"name": "a", "type": "integer", "value": 1},
        {"name": "b", "type": "string", "default": "x"},
        {"name": "c", "type": "file", "maxBytes": 5, "uri": "s3://bucket/key"},
    ]


@pytest.mark.parametrize(
    ("inputs", "error", "says"),
    [
        ([int], TypeError, "a dict is wanted"),
        ({"a b": int}, ValueError, "is no name"),
        ({"a": ct.Output(int)}, TypeError, r"write Input\(...\)"),
        ({"a": object}, TypeError, "input `a`"),
    ],
)
def test_inputs_that_cannot_be_declared_are_refused(inputs: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        make(inputs=inputs)


def test_an_input_that_nobody_declared_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(TypeError, match="did you mean rate"):
        make(inputs={"rate": float}).to_manifest(rat=1.0)


def test_an_input_without_a_value_is_refused() -> None:
    with pytest.raises(ct.InvalidTaskError, match="a"):
        make(inputs={"a": int}).to_manifest()


def test_inputs_come_from_elsewhere() -> None:
    task = make(inputs={"a": int, "b": str})
    found = spec(task, a=ct.OutputRef("train", "n"), b=ct.ConfigMapKey("settings", "mode"))["inputs"]
    assert [one["valueFrom"] for one in found] == [
        {"taskOutputRef": {"name": "train", "output": "n"}},
        {"configMapKeyRef": {"name": "settings", "key": "mode"}},
    ]


def test_container_task_arguments() -> None:
    assert spec(make(arguments=["--x", "1"]))["args"] == ["--x", "1"]
    with pytest.raises(TypeError, match="arguments is a bare str"):
        make(arguments="--x 1")


def test_container_task_outputs() -> None:
    task = make(
        outputs={"a": int, "log": ct.Output(str, source="Stdout"), "f": ct.Output(list[int], glob="*.n")}
    )
    assert spec(task)["outputs"] == [
        {"name": "a", "type": "integer"},
        {"name": "log", "type": "string", "source": "Stdout"},
        {"name": "f", "type": "list[integer]", "glob": "*.n"},
    ]


def test_container_task_input_data_dir() -> None:
    assert spec(make(input_data_dir=PurePosixPath("/in")))["inputDir"] == "/in"
    with pytest.raises(TypeError, match="input_data_dir is an int"):
        make(input_data_dir=3)
    with pytest.raises(ct.InvalidTaskError, match="inputDir"):
        make(input_data_dir="in").to_manifest()


def test_container_task_output_data_dir() -> None:
    assert spec(make(output_data_dir=PurePosixPath("/out")))["outputDir"] == "/out"


@pytest.mark.parametrize("given", ["YAML", SimpleNamespace(name="YAML")])
def test_container_task_metadata_format(given: Any) -> None:
    assert spec(make(metadata_format=given))["metadataFormat"] == "YAML"


@pytest.mark.parametrize("given", ["yaml", "XML", None, 3])
def test_a_bad_metadata_format_is_a_value_error(given: Any) -> None:
    with pytest.raises(ValueError, match="JSON, YAML, PROTO"):
        make(metadata_format=given)


def test_container_task_local_logs() -> None:
    assert make(local_logs=False).to_manifest() == make(local_logs=True).to_manifest()


# --- Keywords ---

SECRET: Final = SimpleNamespace(key="password", group="db", env_var=None, mount_requirement=1)
ROWS: Final[list[tuple[Json, Json]]] = [
    ({"env": {"A": "1"}}, {"env": [{"name": "A", "value": "1"}]}),
    ({"environment": {"A": "1"}}, {"env": [{"name": "A", "value": "1"}]}),
    ({"env_vars": {"A": "1"}}, {"env": [{"name": "A", "value": "1"}]}),
    (
        {"resources": ct.Resources(cpu=1, memory=("1Gi", "2Gi"), shm="auto")},
        {
            "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}},
            "sharedMemory": {},
        },
    ),
    (
        {"requests": SimpleNamespace(cpu="1", mem="1Gi"), "limits": SimpleNamespace(mem="2Gi", gpu="1")},
        {
            "resources": {
                "requests": {"cpu": "1", "memory": "1Gi"},
                "limits": {"memory": "2Gi", "nvidia.com/gpu": "1"},
            }
        },
    ),
    ({"resources": {"limits": {"cpu": "1"}}}, {"resources": {"limits": {"cpu": "1"}}}),
    ({"resources": ct.Resources(gpu="nvidia-t4:2")}, {"accelerator": {"type": "nvidia-t4", "count": 2}}),
    (
        {"secrets": ct.Secret("password", "db")},
        {"secrets": [{"name": "db", "key": "password", "env": "DB_PASSWORD"}]},
    ),
    (
        {"secrets": [ct.Secret("k", "db", file="/etc/k", optional=True)]},
        {"secrets": [{"name": "db", "key": "k", "file": "/etc/k", "optional": True}]},
    ),
    ({"secret_requests": [SECRET]}, {"secrets": [{"name": "db", "key": "password", "env": "DB_PASSWORD"}]}),
    ({"retries": 2}, {"retries": {"limit": 2}}),
    ({"retries": SimpleNamespace(count=3)}, {"retries": {"limit": 3}}),
    ({"timeout": 60}, {"timeout": {"execution": "60s"}}),
    ({"timeout": dt.timedelta(minutes=2)}, {"timeout": {"execution": "120s"}}),
    ({"timeout": {"queued": "10m", "total": 60}}, {"timeout": {"queued": "10m", "total": "60s"}}),
    (
        {"timeout": SimpleNamespace(max_runtime=dt.timedelta(hours=1), max_queued_time=60)},
        {"timeout": {"execution": "3600s", "queued": "60s"}},
    ),
    ({"pod_template_name": "gpu"}, {"podTemplate": {"name": "gpu"}}),
    ({"pod_template": "gpu"}, {"podTemplate": {"name": "gpu"}}),
    (
        {
            "pod_template": SimpleNamespace(
                pod_spec={"containers": [{"name": "primary", "ports": [{"containerPort": 80}]}]},
                primary_container_name="primary",
                labels={"a": "b"},
                annotations=None,
            )
        },
        {
            "podTemplate": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "main", "ports": [{"containerPort": 80}]}]},
            }
        },
    ),
    ({"interruptible": True}, {"interruptible": True}),
    ({"interruptable": False}, {"interruptible": False}),
    ({"service_account": "runner"}, {"serviceAccountName": "runner"}),
    ({"short_name": "Area"}, {"displayName": "Area"}),
    ({"docs": SimpleNamespace(description="What it does")}, {"description": "What it does"}),
    ({"queue": "team-a"}, {"queue": "team-a"}),
    ({"store": "results"}, {"storeRef": {"name": "results"}}),
    ({"file_input_layout": "NAMED_DIR"}, {"fileInputLayout": "NamedDir"}),
    ({"file_input_layout": SimpleNamespace(name="DIRECT")}, {"fileInputLayout": "Direct"}),
    ({"image_pull_secrets": ["registry"]}, {"imagePullSecrets": [{"name": "registry"}]}),
    ({"shared_memory": "2Gi"}, {"sharedMemory": {"sizeLimit": "2Gi"}}),
    ({"accelerator": "nvidia-t4"}, {"accelerator": {"type": "nvidia-t4", "count": 1}}),
    ({"ttl_seconds_after_finished": 0}, {"ttlSecondsAfterFinished": 0}),
    (
        {
            "metadata": SimpleNamespace(
                cache=False, retries=2, timeout=60, interruptible=True, pod_template_name=None
            )
        },
        {"retries": {"limit": 2}, "timeout": {"execution": "60s"}, "interruptible": True},
    ),
    ({"cache": "disable", "reusable": "off", "report": False, "links": (), "triggers": ()}, {}),
    ({"task_type": "raw-container", "task_type_version": 0, "disable_deck": True}, {}),
]


@pytest.mark.parametrize(("keywords", "fields"), ROWS, ids=lambda one: "+".join(one) if one else "none")
def test_container_task_kwargs(keywords: Json, fields: Json) -> None:
    plain = spec(make())
    assert {name: one for name, one in spec(make(**keywords)).items() if name not in plain} == fields


@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({"cache": "auto"}, "keeps no results"),
        ({"reusable": SimpleNamespace(replicas=1)}, "nothing to reuse"),
        ({"report": True}, "an output of type File"),
        ({"task_type": "python-task"}, "raw container"),
        ({"triggers": [1]}, "CronJob"),
        ({"debuggable": True}, "debugger"),
        ({"produces_artifacts": [1]}, "outputs are found"),
        ({"retries": -1}, "how often"),
        ({"retries": 1.5}, "how often"),
        ({"retries": True}, "how often"),
        ({"timeout": 0.5}, "whole seconds"),
        ({"file_input_layout": "FLAT"}, "Direct or NamedDir"),
        ({"max_inline_io_bytes": -1}, "number of bytes"),
    ],
)
def test_a_keyword_that_means_nothing_here_is_refused_with_the_reason(keywords: Json, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make(**keywords)


@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({"retrys": 3}, "did you mean retries"),
        ({"secrets": "password"}, r"write Secret\('password', group=...\)"),
        ({"resources": 3}, "Resources are wanted"),
        ({"resources": {"ram": 1}}, "no resource ram"),
        ({"env": {"A": 1}}, r"env\['A'\] is an int"),
        ({"env": {"A": "1"}, "environment": {"B": "1"}}, "both set env"),
        ({"interruptible": 1}, "True or False"),
        ({"keep_entrypoint": 1}, "True or False"),
        ({"pod_template": 3}, "write a name"),
    ],
)
def test_a_keyword_that_cannot_be_meant_is_a_type_error(keywords: Json, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        make(**keywords)


def test_type_checkers_know_just_the_keywords_that_there_are() -> None:
    assert Options.__annotations__.keys() == KEYWORDS.keys() | LOCAL


def test_keep_entrypoint_has_command_and_arguments_as_arguments() -> None:
    found = spec(make(arguments=["x"], keep_entrypoint=True, start="Signal"))
    assert found["args"] == [*COMMAND, "x"]
    assert "command" not in found


def test_metadata_of_the_object() -> None:
    task = make(namespace="team", labels={"a": "b"}, annotations={"c": "d"})
    assert task.to_manifest("other")["metadata"] == {
        "name": "other",
        "namespace": "team",
        "labels": {"a": "b"},
        "annotations": {"c": "d"},
    }


# --- Methods ---


def test_container_task_config() -> None:
    class Annotated(ct.ContainerTask):
        def config(self, sctx: ct.SerializationContext | None = None) -> dict[str, str]:  # noqa: ARG002
            return {"team": "research"}

    assert make().config() == make().config(ct.SerializationContext()) == {}
    made = Annotated("a", "b", COMMAND).to_manifest()
    assert made["metadata"]["annotations"] == {"config.containertask.dev/team": "research"}


def test_container_task_container_args() -> None:
    task = make(arguments=["{{.inputs.a}}"], inputs={"a": int})
    assert task.container_args() == [*COMMAND, "{{.inputs.a}}"]
    assert task.container_args(ct.SerializationContext()) == task.container_args()


def test_container_task_custom_config() -> None:
    assert make().custom_config() == make().custom_config(ct.SerializationContext()) == {}


@pytest.mark.parametrize("wanted", ["JSON", "YAML", "PROTO"])
def test_container_task_data_loading_config(wanted: Any) -> None:
    found = make(metadata_format=wanted, input_data_dir="/in").data_loading_config(ct.SerializationContext())
    assert found.DESCRIPTOR.full_name == "flyteidl.core.DataLoadingConfig"
    assert (found.enabled, found.input_path, found.output_path) == (True, "/in", "/var/outputs")
    assert found.LiteralMapFormat.Name(found.format) == wanted


def test_container_task_sql() -> None:
    assert make().sql() is make().sql(ct.SerializationContext()) is None


def test_container_task_native_interface() -> None:
    found = make(inputs={"a": int, "b": ct.Input(str, "x")}, outputs={"c": float}).native_interface
    assert (found.inputs, found.outputs, found.defaults) == ({"a": int, "b": str}, {"c": float}, {"b": "x"})
    assert found.required_inputs == ("a",)


# --- override ---

FULL: Final[Json] = {
    "retries": 2,
    "timeout": 60,
    "env": {"A": "1"},
    "secrets": ct.Secret("k", "db"),
    "queue": "a",
}


def test_container_task_override() -> None:
    task = make(**FULL)
    before = copy.deepcopy(task.to_manifest())
    other = task.override(retries=0, env={}, timeout=None, image="busybox:1", secrets=None)
    assert task.to_manifest() == before
    found = spec(other)
    assert found["retries"] == {"limit": 0}
    assert found["image"] == "busybox:1"
    assert not {"env", "timeout", "secrets"} & found.keys()
    assert found["queue"] == "a"


def test_a_subclass_stays_itself_when_it_is_overridden() -> None:
    class Own(ct.ContainerTask):
        def __init__(self) -> None:
            super().__init__("own", "a", COMMAND)
            self.note = "kept"

    made = Own().override(retries=1)
    assert isinstance(made, Own)
    assert made.note == "kept"


@pytest.mark.parametrize("name", ["environment", "env_vars", "env"])
def test_an_override_in_other_words_takes_the_place_of_the_same_thing(name: str) -> None:
    made = make(env={"A": "1"}).override(**{name: {"B": "2"}})  # type: ignore[arg-type]
    assert spec(made)["env"] == [{"name": "B", "value": "2"}]


def test_container_task_override_resources() -> None:
    made = make(requests={"cpu": "1"}).override(resources=ct.Resources(memory="1Gi"))
    assert spec(made)["resources"] == {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}}


def test_container_task_override_cache() -> None:
    assert make().override(cache="disable").to_manifest() == make().to_manifest()
    with pytest.raises(ValueError, match="keeps no results"):
        make().override(cache="auto")


def test_container_task_override_retries() -> None:
    assert spec(make(retries=2).override(retries=0))["retries"] == {"limit": 0}


def test_container_task_override_timeout() -> None:
    assert "timeout" not in spec(make(timeout=60).override(timeout=None))


@pytest.mark.parametrize("value", ["auto", SimpleNamespace(replicas=2)])
def test_container_task_override_reusable(value: object) -> None:
    assert make().override(reusable="off").to_manifest() == make().to_manifest()
    with pytest.raises(ValueError, match="nothing to reuse"):
        make().override(reusable=value)


def test_container_task_override_env() -> None:
    assert "env" not in spec(make(env={"A": "1"}).override(env={}))


def test_container_task_override_secrets() -> None:
    made = make(secrets=ct.Secret("k", "db")).override(secrets=[ct.Secret("k", "other")])
    assert [one["name"] for one in spec(made)["secrets"]] == ["other"]


def test_container_task_override_local() -> None:
    assert make().runs_here
    assert not make().override(local=False).runs_here
    assert make().override(local=False).override(local=None).override(local=True).runs_here


def test_container_task_override_ref() -> None:
    task = make(inputs={"a": int, "b": ct.Input(str, "x")}, env={"A": "1"}, retries=3).override(ref=True)
    assert spec(task, a=1) == {
        "templateRef": {"kind": "ContainerTaskTemplate", "name": "area"},
        "inputs": [{"name": "a", "value": 1}],
    }
    assert spec(task.override(retries=0, image="b"), a=1) == {
        "templateRef": {"kind": "ContainerTaskTemplate", "name": "area"},
        "image": "b",
        "retries": {"limit": 0},
        "inputs": [{"name": "a", "value": 1}],
    }


def test_container_task_override_kwargs() -> None:
    with pytest.raises(TypeError, match="did you mean queue"):
        make().override(queu="a")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="make another ContainerTask"):
        make().override(name="b")  # type: ignore[call-arg]


# --- Templates ---


def test_a_template_has_types_and_defaults_and_nothing_of_one_run() -> None:
    task = make(
        inputs={"a": int, "b": ct.Input(str, "x")}, arguments=["{{.inputs.a}}"], suspend=True, retries=1
    )
    found = task.to_template()
    assert (found["kind"], found["metadata"]) == ("ContainerTaskTemplate", {"name": "area"})
    assert found["spec"]["inputs"] == [
        {"name": "a", "type": "integer"},
        {"name": "b", "type": "string", "default": "x"},
    ]
    assert "suspend" not in found["spec"]
    assert found["spec"]["retries"] == {"limit": 1}


def test_a_template_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ct.InvalidTaskError, match="inputDir"):
        make(input_data_dir="relative").to_template()


def test_a_task_that_refers_to_a_template_becomes_the_whole_one() -> None:
    task = make(inputs={"a": int}, env={"A": "1"}, retries=3)
    reference = spec(task.override(ref=True).override(retries=0, env={"B": "2"}), a=1)
    template = task.to_template()["spec"]
    assert resolve(reference, template) == {
        **template,
        "retries": {"limit": 0},
        "env": [{"name": "B", "value": "2"}],
        "inputs": [{"name": "a", "type": "integer", "value": 1}],
    }


def test_a_reference_says_nothing_that_only_the_template_can() -> None:
    task = make().override(ref=True)
    with pytest.raises(ct.InvalidTaskError, match=r"spec[.]securityContext: beside a template's name"):
        task.override(security_context={"runAsUser": 1000}).to_manifest()
