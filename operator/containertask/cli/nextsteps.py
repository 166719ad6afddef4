"""What to do next about each reason: a command, or a field to change. Meanings are in ``api.paragraphs``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from containertask.api.reasons import Reason

R: Final = Reason
_LOG: Final = "`ctask logs {name}{flags}` has what the command wrote"
_AGAIN: Final = "`ctask retry {name}{flags}` runs it again as a new task"
_LOG_AGAIN: Final = f"{_LOG}; when that is mended, {_AGAIN}"
_NEW: Final = (
    "mend the field that the message names, and create the task again; `ctask lint FILE` checks it first"
)
_WAITS: Final = "nothing: it goes on by itself; `ctask get {name}{flags} -w` shows it"
_ADMIN: Final = "show this to an administrator of the cluster"
_STORES: Final = "`kubectl get artifactstores,clusterartifactstores{flags}` lists the stores"
_TEMPLATES: Final = (
    "`kubectl get containertasktemplates,clustercontainertasktemplates{flags}` lists the templates"
)
_DESCRIBE: Final = "`kubectl describe pod {pod}{flags}` tells all that the cluster says of its Pod"
_OUTPUT: Final = f"mend what the command writes, or the output's field in `outputs`; {_LOG}"
_CLOCK: Final = "raise `timeout.{clock}` in a new task, or have it do less"
_INPUT: Final = "look at the input's `uri`; when it is right, `ctask retry {name}{flags}` runs it again"
_TASKS: Final = "`ctask get{flags}` lists the tasks; `ctask why TASK{flags}` says where the other one stands"

NEXT: Final[Mapping[Reason, str]] = {
    # Waiting
    R.POD_CREATED: _WAITS,
    R.SUSPENDED: "`ctask resume {name}{flags}` lets it go on",
    R.RETRYING: "`ctask cancel {name}{flags}` ends it instead; " + _LOG,
    R.RESUMED: _WAITS,
    R.UNSCHEDULABLE: "free or add nodes; or lower `resources`, or loosen `nodeSelector`, `affinity` or "
    "`tolerations`, in a new task",
    R.UNSCHEDULED: "if it stays so: is the scheduler well? " + _DESCRIBE,
    R.SCHEDULING_GATED: "look at its queue: `kubectl get workloads{flags}`; without Kueue, " + _DESCRIBE,
    R.STARTING: "if it takes long: " + _DESCRIBE,
    R.IMAGE_PULL: "check `image` and `imagePullSecrets`; `ctask cancel {name}{flags}` ends the wait",
    R.CONTAINER_CONFIG: "create the Secret or ConfigMap, or the key, that the message names",
    R.POD_CREATION_FAILING: _ADMIN + ": an admission webhook does not answer",
    R.QUOTA_EXCEEDED: "`kubectl describe resourcequota{flags}` shows what is used; free some",
    R.POD_TEMPLATE_NOT_FOUND: "create the PodTemplate; `kubectl get podtemplates{flags}` lists them",
    R.SERVICE_ACCOUNT_NOT_FOUND: "`kubectl create serviceaccount NAME{flags}`, or name another in a new task",
    R.CLASS_NOT_FOUND: "`kubectl get priorityclasses,runtimeclasses` lists those that there are",
    R.VOLUME_CLAIM_NOT_FOUND: "create the claim; `kubectl get pvc{flags}` lists those that there are",
    R.VOLUME_NOT_READY: "`kubectl describe pvc{flags}` tells what claims wait for; " + _DESCRIBE,
    R.SANDBOX_NOT_READY: _ADMIN + ": a node's network or runtime; " + _DESCRIBE,
    R.STORE_NOT_FOUND: "create the store; " + _STORES,
    R.STORE_INVALID: "mend the store's spec: its condition Ready says how; " + _STORES,
    R.TEMPLATE_NOT_FOUND: "create the template; " + _TEMPLATES,
    R.TEMPLATE_INVALID: "mend the template's spec: its condition Ready says how; " + _TEMPLATES,
    R.TASK_NOT_FOUND: "create the task that the message names; " + _TASKS,
    R.TASK_NOT_DONE: "nothing: it goes on when the other has ended; " + _TASKS,
    R.NAMESPACE_TERMINATING: "create the task in another namespace",
    R.OPERATOR_FORBIDDEN: _ADMIN + ": the operator lacks rights in this namespace; `ctask doctor{flags}`",
    R.IMAGE_VOLUME_UNUSABLE: _WAITS + "; where it comes again, " + _ADMIN,
    R.MAIN_RUNNING: "`ctask logs -f {name}{flags}` follows it; `ctask cancel {name}{flags}` ends it",
    R.READING_OUTPUTS: _WAITS,
    R.ACCEPTED: _WAITS + "; if it stays so, `ctask doctor{flags}`",
    R.INPUTS_WRITTEN: _WAITS,
    R.COMMAND_STARTED: "`ctask logs -f {name}{flags}` follows it",
    R.OUTPUTS_READ: _WAITS,
    # Stores
    R.VALID: "nothing: the store or template can be used",
    # Ends
    R.SUCCEEDED: "`ctask describe {name}{flags}` shows its outputs; "
    "`ctask cp {name}:OUTPUT PATH{flags}` takes one",
    R.CANCELLED: _AGAIN,
    R.INVALID_SPEC: _NEW,
    R.INVALID_POD_TEMPLATE: _NEW + "; `ctask render FILE` shows the Pod",
    R.NOT_ALLOWED: "leave the field out that the message names, in a new task; or ask an administrator",
    R.UNKNOWN_ACCELERATOR: "set `accelerator` to one that the message names, in a new task",
    R.INVALID_IMAGE_NAME: "mend `image` and create the task again",
    R.POD_REFUSED: "change the spec so that the policy of the message holds, in a new task; or " + _ADMIN,
    R.POD_NAME_TAKEN: "`kubectl delete pod {pod}{flags}` if nobody needs it; then " + _AGAIN,
    R.IMAGE_PULL_FAILED: "check `image`, `imagePullSecrets` and the registry; if they are right, " + _AGAIN,
    R.CONTAINER_START_FAILED: _DESCRIBE + "; the image may be for another architecture",
    R.RUN_AS_ROOT_FORBIDDEN: "set `securityContext.runAsUser` to a number other than 0, in a new task",
    R.SECRET_NOT_FOUND: "create the Secret, or the key, that the message names; then " + _AGAIN,
    R.CONFIG_MAP_NOT_FOUND: "create the ConfigMap, or the key, that the message names; then " + _AGAIN,
    R.COMMAND_NOT_FOUND: "mend `command`: the image has no such program; create the task again",
    R.COMMAND_NOT_EXECUTABLE: "`chmod +x` it in the image, or run it by its interpreter in `command`",
    R.INVALID_INPUT: "mend the input that the message names, and create the task again",
    R.INPUT_NOT_FOUND: _INPUT,
    R.INPUT_DIGEST_MISMATCH: "set the input's `sha256` to that of the file, or find out who changed that",
    R.INPUT_TOO_LARGE: "raise the input's `maxBytes`, or the store's `limits`; then create the task again",
    R.INPUT_CHANGED: "let nobody write to the input's `uri` while it is read; " + _AGAIN,
    R.DEPENDENCY_FAILED: _TASKS + "; when it is mended, create both again",
    R.DEPENDENCY_DELETED: "create the other task again, then this one; " + _TASKS,
    R.STORE_UNAVAILABLE: "is the store's server well? When it is, " + _AGAIN,
    R.STORE_FORBIDDEN: "check the store's Secret and what its key may do; " + _STORES,
    R.OUTPUTS_EXIST: _AGAIN,
    R.DISK_FULL: "raise `volumes.inputs` or `volumes.outputs`, or the store's claim, in a new task",
    R.NON_ZERO_EXIT: _LOG_AGAIN,
    R.OOM_KILLED: "`ctask retry {name}{flags} --more-memory 2x` runs it again with twice the memory",
    R.USER_ERROR: _LOG_AGAIN,
    R.OUTPUT_MISSING: _OUTPUT,
    R.OUTPUT_INVALID: _OUTPUT,
    R.OUTPUT_TOO_LARGE: "raise the output's `maxBytes`, or make it a `file` and create a store; " + _STORES,
    R.OUTPUT_UNREADABLE: "have the command write a plain file that its group may read; set `securityContext."
    "runAsUser` where its user is not known",
    R.DOWNLOAD_TIMEOUT: _CLOCK.replace("{clock}", "download"),
    R.EXECUTION_TIMEOUT: _CLOCK.replace("{clock}", "execution") + "; " + _LOG,
    R.UPLOAD_TIMEOUT: _CLOCK.replace("{clock}", "upload"),
    R.QUEUED_TIMEOUT: "find room for it, or raise `timeout.queued`; then " + _AGAIN,
    R.DEADLINE_EXCEEDED: _CLOCK.replace("{clock}", "total") + "; " + _LOG,
    R.POD_DEADLINE_EXCEEDED: _AGAIN + "; " + _LOG,
    R.INTERRUPTED: "raise `retries.systemLimit` where that comes often; " + _AGAIN,
    R.EVICTED: "set `resources.requests` to what it needs, so that nodes keep room; " + _AGAIN,
    R.PREEMPTED: "set a higher `priorityClassName`, or raise `retries.systemLimit`; " + _AGAIN,
    R.NODE_LOST: "`kubectl get nodes` shows them; " + _AGAIN,
    R.POD_DELETED: "find out who deletes Pods; " + _AGAIN,
    R.POD_FAILED: _AGAIN + "; " + _DESCRIBE,
    R.COPILOT_FAILED: "raise `copilotResources`; `ctask logs {name} -c uploader{flags}` has what it said",
    R.MESSAGE_TRUNCATED: "give fewer or smaller outputs, or create a store; " + _STORES,
    R.MESSAGE_UNREADABLE: _ADMIN + ": operator and copilot differ in version; `ctask doctor{flags}`",
}
UNSEEN: Final = "`ctask doctor{flags}` looks whether the operator is there and well"
UNKNOWN: Final = "this ctask is older than the operator: install the newest; " + _DESCRIBE
