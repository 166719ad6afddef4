"""Resolvers, and the task that one finds: a template's bytes and a class."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import containertask as ct
from containertask.flyte import storage
from containertask.flyte.context import SerializationContext
from containertask.flyte.resolver import default_task_template_resolver, executor_class
from containertask.flyte.template import to_bytes
from support import shims

SETTINGS = SerializationContext()


def loaded(folder: Path) -> ct.ExecutableTemplateShimTask[object]:
    (folder / "task.pb").write_bytes(to_bytes(shims.greet.task_template))
    return default_task_template_resolver.load_task([f"{folder}/task.pb", "support.shims.Greeter"])


def test_resolver_location() -> None:
    default = "containertask.flyte.resolver.default_task_template_resolver"
    assert default_task_template_resolver.location == default
    assert shims.own_resolver.location == "support.shims.own_resolver"
    with pytest.raises(ct.InvalidTaskError, match="bind it to a variable"):
        _ = ct.TaskTemplateResolver().location


def test_resolver_name() -> None:
    assert default_task_template_resolver.name() == "task template resolver"


def test_resolver_loader_args() -> None:
    found = default_task_template_resolver.loader_args(SETTINGS, shims.greet)
    assert found == ["{{.taskTemplatePath}}", "support.shims.Greeter"]


def test_resolver_load_task(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    assert type(found) is ct.ExecutableTemplateShimTask
    assert found.execute(name="Ada") == "hello, Ada"


def test_resolver_get_all_tasks() -> None:
    assert default_task_template_resolver.get_all_tasks() == []


def test_template_task_name(tmp_path: Path) -> None:
    assert loaded(tmp_path).name == "team.greet"


def test_template_task_task_template(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    found.task_template.custom.update({"greeting": "bye"})
    assert found.task_template == shims.greet.task_template


def test_template_task_executor(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    assert found.executor_type is shims.Greeter
    assert found.executor is found.executor


def pickled(task: shims.Task) -> shims.Task:
    found = pickle.loads(pickle.dumps(task))  # noqa: S301 - of this test's own
    assert isinstance(found, shims.Task)
    return found


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
@pytest.mark.parametrize("resolver", [default_task_template_resolver, shims.own_resolver])
def test_a_copy_of_a_task_has_the_same_resolver(
    copied: Callable[[shims.Task], shims.Task], resolver: ct.TaskTemplateResolver
) -> None:
    task = shims.Task("n", {"greeting": "hi"}, "i", shims.Greeter, resolver)
    assert copied(task).task_resolver is resolver
    assert copied(task).task_template == task.task_template


@pytest.mark.parametrize(
    ("dotted", "says"),
    [
        ("Greeter", "is no dotted name"),
        ("support.shims.greet", "is no ShimTaskExecutor"),
        ("support.shims.Nobody", "has no Nobody"),
        ("no.such.Module", "ModuleNotFoundError"),
    ],
)
def test_a_class_that_is_not_there_is_refused(dotted: str, says: str) -> None:
    with pytest.raises(ct.InvalidTaskError, match=says):
        executor_class(dotted)


def test_what_is_written_is_whole(tmp_path: Path) -> None:
    place = f"file://{tmp_path}/a/b/x.pb"
    storage.write(place, b"1")
    storage.write(place, b"2")
    assert storage.read(place) == storage.read(f"{tmp_path}/a/b/x.pb") == b"2"
    assert [one.name for one in (tmp_path / "a" / "b").iterdir()] == ["x.pb"]


@pytest.mark.parametrize("place", ["ftp://host/x", "s3://bucket", "s3:///key"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(ct.TransferError, match="is no path, and no URI of file, s3, gs, az or abfs"):
        storage.read(place)


def test_a_folder_is_copied_once(tmp_path: Path) -> None:
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "x").write_text("x")
    target = f"{tmp_path}/copy"
    assert storage.upload(tmp_path / "tree", target) == f"file://{target}"
    assert (tmp_path / "copy" / "sub" / "x").read_text() == "x"
    with pytest.raises(ct.TransferError, match="copy cannot be written: File exists"):
        storage.upload(tmp_path / "tree", target)
