"""``ctask-execute``: what it reads, what it leaves, and its exit codes, row by row of the contract."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flyteidl.core.errors_pb2 import ContainerError, ErrorDocument  # type: ignore[import-untyped]
from flyteidl.core.execution_pb2 import ExecutionError  # type: ignore[import-untyped]
from flyteidl.core.literals_pb2 import LiteralMap  # type: ignore[import-untyped]

from containertask.codec import literals
from containertask.codec.errordocument import read_error_document
from containertask.flyte import interface
from containertask.flyte.context import ExecutionParameters, SerializationContext
from containertask.flyte.execute import main
from containertask.flyte.failures import error_document
from containertask.flyte.resolver import TaskTemplateResolver
from containertask.flyte.shimtask import ExecutableTemplateShimTask
from containertask.flyte.template import to_bytes
from containertask.types.leaves import SimpleType
from support import shims

RETRY = ContainerError.RECOVERABLE
FINAL = ContainerError.NON_RECOVERABLE
SYSTEM = ExecutionError.SYSTEM
USER = ExecutionError.USER


def returning(does: str, value: object = None, **outputs: object) -> shims.Task:
    return shims.Task("does", {"does": does, "value": value}, "image", shims.Returns, outputs=outputs)


def line(
    folder: Path,
    task: shims.Task,
    inputs: LiteralMap | None,
    executor: str | None = None,
    resolver: str | None = None,
) -> list[str]:
    """Return the words of the container, as a platform renders them."""
    (folder / "task.pb").write_bytes(to_bytes(task.serialize_to_model(SerializationContext(project="p"))))
    if inputs is not None:
        (folder / "inputs.pb").write_bytes(to_bytes(inputs))
    tokens = {
        "{{.input}}": str(folder / "inputs.pb"),
        "{{.outputPrefix}}": str(folder / "out"),
        "{{.rawOutputDataPrefix}}": str(folder / "raw"),
        "{{.taskTemplatePath}}": f"file://{folder}/task.pb",
    }
    words = [tokens.get(one, one) for one in task.get_command(SerializationContext())]
    words[8] = resolver or words[8]
    words[11] = executor or words[11]
    return words[1:]


def error(folder: Path) -> Any:
    assert not (folder / "out" / "outputs.pb").exists()
    return ErrorDocument.FromString((folder / "out" / "error.pb").read_bytes()).error


def outputs(folder: Path, task: shims.Task) -> dict[str, object]:
    assert not (folder / "out" / "error.pb").exists()
    data = (folder / "out" / "outputs.pb").read_bytes()
    return literals.from_literal_map(interface.kinds(task.interface.outputs), data)


def greeting(name: str) -> LiteralMap:
    return LiteralMap.FromString(literals.to_literal_map({"name": SimpleType.STRING}, {"name": name}))


def test_a_task_runs_from_its_template_and_leaves_its_outputs(tmp_path: Path) -> None:
    assert main(line(tmp_path, shims.greet, greeting("Ada"))) == 0
    assert outputs(tmp_path, shims.greet) == {"text": "hello, Ada"}


def test_it_is_a_program_of_its_own(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("ctask-execute")
    words = line(tmp_path, shims.greet, greeting("Grace"))
    where = str(Path(__file__).parents[2])
    ended = subprocess.run([program, *words], env={"PYTHONPATH": where}, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert outputs(tmp_path, shims.greet) == {"text": "hello, Grace"}


@pytest.mark.parametrize(
    ("task", "kind", "says"),
    [
        (returning("raise"), RETRY, "ZeroDivisionError"),
        (returning("talk"), RETRY, "xthe end\n"),
        (returning("give up"), FINAL, "the query is wrong"),
        (returning("give up as flytekit"), FINAL, "FlyteNonRecoverable"),
        (returning("tuple", a=int), RETRY, "a tuple where one value is wanted"),
        (
            returning("return", "x", a=int),
            RETRY,
            "a value of class str is not of type integer",
        ),
        (returning("return", 1), RETRY, "no output is declared"),
        (returning("return", {"a": 1}, a=int, b=int), RETRY, "just the outputs a, b"),
        (returning("return", "/no/such", a="file"), RETRY, "which is not there"),
        (shims.Task("n", {}, "i", shims.NotMade), RETRY, "made before it runs"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_an_executor_does_wrong_is_written_down(
    task: shims.Task, kind: int, says: str, tmp_path: Path
) -> None:
    assert main(line(tmp_path, task, LiteralMap())) == 0
    found = error(tmp_path)
    assert (found.code, found.kind, found.origin) == ("SYSTEM", kind, SYSTEM)
    assert says in found.message
    assert found.worker
    assert dt.datetime.now(dt.UTC) - found.timestamp.ToDatetime(dt.UTC) < dt.timedelta(minutes=5)
    assert read_error_document((tmp_path / "out" / "error.pb").read_bytes()).recoverable is (kind == RETRY)


def test_a_message_is_one_that_flyte_reads(tmp_path: Path) -> None:
    error_of = error_document(ValueError("\ud800é")).error
    assert error_of.message == "ValueError: ?é\n"
    assert main(line(tmp_path, returning("talk"), LiteralMap())) == 0
    assert len(error(tmp_path).message) == 64 * 1024


@pytest.mark.parametrize(
    ("executor", "says"),
    [
        ("support.shims.Missing", "the module support.shims has no Missing"),
        ("support.missing.Executor", "support.missing cannot be imported: ModuleNotFoundError"),
        ("support.shims.Task", "is no ShimTaskExecutor"),
        ("Executor", "is no dotted name"),
    ],
)
def test_an_executor_that_the_image_has_not_is_final(executor: str, says: str, tmp_path: Path) -> None:
    assert main(line(tmp_path, shims.greet, greeting("a"), executor)) == 0
    found = error(tmp_path)
    assert (found.code, found.kind, found.origin) == ("USER:RuntimeError", FINAL, USER)
    assert says in found.message
    assert "Traceback" not in found.message


def test_a_resolver_that_the_image_has_not_is_final(tmp_path: Path) -> None:
    assert main(line(tmp_path, shims.greet, greeting("a"), resolver="support.shims.no_resolver")) == 0
    assert error(tmp_path).code == "USER:RuntimeError"


def test_words_that_are_no_template_and_class_are_final(tmp_path: Path) -> None:
    assert main(line(tmp_path, shims.greet, greeting("a"))[:-1]) == 0
    assert "1 words for the resolver" in error(tmp_path).message


@pytest.mark.parametrize("missing", ["inputs.pb", "task.pb"])
def test_what_cannot_be_read_may_be_there_later(missing: str, tmp_path: Path) -> None:
    words = line(tmp_path, shims.greet, greeting("a"))
    (tmp_path / missing).unlink()
    assert main(words) == 0
    found = error(tmp_path)
    assert (found.code, found.kind, found.origin) == ("SYSTEM", RETRY, SYSTEM)
    assert f"{missing} cannot be read: No such file" in found.message


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        (LiteralMap(), "the input name has no value"),
        (
            LiteralMap(literals={**greeting("a").literals, "more": greeting("a").literals["name"]}),
            "no input more",
        ),
    ],
)
def test_inputs_that_are_not_those_of_the_interface_are_refused(
    inputs: LiteralMap, says: str, tmp_path: Path
) -> None:
    assert main(line(tmp_path, shims.greet, inputs)) == 0
    assert says in error(tmp_path).message


@pytest.mark.parametrize("name", ["inputs.pb", "task.pb"])
def test_bytes_that_are_no_message_are_refused(name: str, tmp_path: Path) -> None:
    words = line(tmp_path, shims.greet, greeting("a"))
    (tmp_path / name).write_bytes(b"\xff\xff")
    assert main(words) == 0
    assert "of Flyte's" in error(tmp_path).message


def test_an_executor_that_ends_the_process_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line(tmp_path, returning("exit"), LiteralMap()))
    assert ended.value.code == 3
    assert not (tmp_path / "out").exists()


def test_none_where_nothing_is_declared_leaves_empty_outputs(tmp_path: Path) -> None:
    assert main(line(tmp_path, returning("return"), LiteralMap())) == 0
    assert (tmp_path / "out" / "outputs.pb").read_bytes() == b""


@pytest.mark.parametrize(("value", "code"), [("true", 1), ("false", 0), ("", 0)])
def test_an_error_fails_the_process_where_that_is_wanted(
    value: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLYTE_FAIL_ON_ERROR", value)
    assert main(line(tmp_path, returning("raise"), LiteralMap())) == code
    assert error(tmp_path).code == "SYSTEM"


def test_an_error_that_cannot_be_written_down_fails_the_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = line(tmp_path, returning("raise"), LiteralMap())
    (tmp_path / "out").write_bytes(b"")
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "error.pb cannot be written" in said
    assert "Traceback" not in said


def test_files_of_outputs_go_below_the_raw_prefix(tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text("a,b")
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "x").write_text("x")
    value = {"one": str(tmp_path / "report.csv"), "all": f"{tmp_path}/tree", "far": "s3://bucket/key"}
    task = returning("return", value, one="file", all="directory", far="file")
    assert main(line(tmp_path, task, LiteralMap())) == 0
    found: dict[str, Any] = outputs(tmp_path, task)
    assert found["far"].uri == "s3://bucket/key"
    places = {name: Path(found[name].uri.removeprefix("file://")) for name in ("one", "all")}
    assert places["one"].read_text() == "a,b"
    assert (places["all"] / "sub" / "x").read_text() == "x"
    assert all(place.is_relative_to(tmp_path / "raw") for place in places.values())


class Hooked(ExecutableTemplateShimTask[Any]):
    """Returns what it may know of its run."""

    def post_execute(self, _: ExecutionParameters | None, rval: Any) -> Any:
        assert _ is not None
        checkpoints = f"{_.checkpoint_path} {_.prev_checkpoint}"
        return f"{rval}: {_.execution_id} {_.attempt} {checkpoints} {_.working_folder.is_dir()}"


class HookedResolver(TaskTemplateResolver):
    def load_task(self, loader_args: list[str]) -> Hooked:
        found = super().load_task(loader_args)
        return Hooked(found.task_template, found.executor_type)


@pytest.mark.parametrize("nothing", ['""', "", "{{.prevCheckpointPrefix}}"])
def test_a_run_may_know_what_the_platform_says_of_it(
    nothing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLYTE_INTERNAL_EXECUTION_ID", "exec")
    monkeypatch.setenv("FLYTE_ATTEMPT_NUMBER", "2")
    monkeypatch.setattr(shims, "hooked", HookedResolver(), raising=False)
    words = line(tmp_path, shims.greet, greeting("a"), resolver="support.shims.hooked")
    checkpoints = ["--checkpoint-path", "s3://b/c", "--prev-checkpoint", nothing]
    assert main([*words[:8], *checkpoints, *words[8:]]) == 0
    assert outputs(tmp_path, shims.greet) == {"text": "hello, a: exec 2 s3://b/c None True"}


def test_a_command_line_that_says_too_little_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--inputs", "a"])
    assert ended.value.code == 2
    assert "--output-prefix, --resolver" in capsys.readouterr().err
