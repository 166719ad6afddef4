"""Every member of the two classes of Flyte's that this project has under the same names, and who tests it.

The lists are those of Flyte's pages of ``flyte.extras.ContainerTask`` (0.2.0b7) and of flytekit's
``PythonCustomizedContainerTask`` (1.16.14), with the classes that the latter's page names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["parameter", "property", "method", "keyword of override"]


@dataclass(frozen=True, slots=True)
class Member:
    """One row.

    Attributes:
        owner: the class of ours, as ``containertask`` has it.
        test: name of the function that exercises it.
    """

    owner: str
    name: str
    kind: Kind
    test: str


def _rows(owner: str, kind: Kind, prefix: str, names: str, **others: str) -> tuple[Member, ...]:
    """Return a row for each name: its test is ``test_<prefix>_<name>``, where ``others`` has no other."""
    return tuple(
        Member(owner, name, kind, f"test_{others.get(name, f'{prefix}_{name}')}") for name in names.split()
    )


_CONTAINER: Final = "ContainerTask"
_SHIM: Final = "PythonCustomizedContainerTask"
_HOOKS: Final = "hooks_go_around_submission_and_wait"
_BY_POSITION: Final = "shim_by_position"

MEMBERS: Final = (
    *_rows(
        _CONTAINER,
        "parameter",
        "container_task",
        "name image command inputs arguments outputs input_data_dir output_data_dir metadata_format "
        "local_logs kwargs",
    ),
    *_rows(_CONTAINER, "property", "container_task", "native_interface"),
    *_rows(
        _CONTAINER,
        "method",
        "container_task",
        "config container_args custom_config data_loading_config execute override post pre sql",
        post=_HOOKS,
        pre=_HOOKS,
    ),
    *_rows(
        _CONTAINER,
        "keyword of override",
        "container_task_override",
        "local ref resources cache retries timeout reusable env secrets kwargs",
    ),
    *_rows(
        _SHIM,
        "parameter",
        "shim",
        "name task_config container_image executor_type task_resolver task_type requests limits environment "
        "secret_requests kwargs",
        task_resolver=_BY_POSITION,
        requests="shim_resources",
        limits="shim_resources",
        secret_requests="shim_security_context",  # noqa: S106 - the name of a test
    ),
    *_rows(
        _SHIM,
        "property",
        "shim",
        "container_image deck_fields disable_deck docs enable_deck environment executor executor_type "
        "instantiated_in interface lhs location metadata name python_interface resources security_context "
        "task_config task_resolver task_template task_type task_type_version",
        deck_fields="shim_decks",
        disable_deck="shim_decks",
        enable_deck="shim_decks",
    ),
    *_rows(
        _SHIM,
        "method",
        "shim",
        "compile construct_node_metadata dispatch_execute execute find_lhs get_command get_config "
        "get_container get_custom get_extended_resources get_image get_input_types get_k8s_pod get_sql "
        "get_type_for_input_var get_type_for_output_var local_execute local_execution_mode post_execute "
        "pre_execute sandbox_execute serialize_to_model",
    ),
    *_rows("ShimTaskExecutor", "method", "shim_executor", "execute_from_model"),
    *_rows("TaskTemplateResolver", "property", "resolver", "location"),
    *_rows("TaskTemplateResolver", "method", "resolver", "name loader_args load_task get_all_tasks"),
    *_rows(
        "ExecutableTemplateShimTask",
        "property",
        "template_task",
        "name task_template executor executor_type",
        executor_type="template_task_executor",
    ),
    *_rows(
        "ExecutableTemplateShimTask",
        "method",
        "shim",
        "execute pre_execute post_execute dispatch_execute",
        execute="resolver_load_task",
    ),
)
