"""What each reason means and what to do about it: ``docs/reasons.md`` is made of these paragraphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from containertask.api.reasons import Reason

R: Final = Reason
PARAGRAPHS: Final[Mapping[Reason, str]] = {
    R.POD_CREATED: "The task's Pod was created.",
    R.SUSPENDED: "`spec.suspend` is true: no Pod lives. Set it to false to start the next attempt.",
    R.RETRYING: (
        "An attempt failed, and another follows at `status.nextAttemptTime`; the message says how the last "
        "one ended, `status.attempts` how each did. To end the task instead, set `spec.cancel`."
    ),
    R.RESUMED: "`spec.suspend` was true and no longer is.",
    R.UNSCHEDULABLE: (
        "No node takes the Pod now; the message is the scheduler's. Free resources, add "
        "nodes, or loosen `resources`, `nodeSelector`, `affinity` or `tolerations` in a new "
        "task."
    ),
    R.UNSCHEDULED: "The Pod was created, and the scheduler has not looked at it yet.",
    R.SCHEDULING_GATED: (
        "The Pod has scheduling gates, and the scheduler passes it by until they are gone: with `queue`, "
        "until Kueue admits it."
    ),
    R.STARTING: "The Pod is on a node; images are pulled and inputs are written.",
    R.IMAGE_PULL: (
        "The node cannot pull an image and tries again. Past the operator's grace (3 minutes "
        "unless the chart says otherwise) the task fails as ImagePullFailed."
    ),
    R.CONTAINER_CONFIG: (
        "The node cannot make the container: most often a Secret or ConfigMap, or a key of "
        "it, that `env`, `envFrom` or an input names does not exist. It goes on when the object "
        "is there: for an input within two minutes, as the kubelet looks for volumes ever less often."
    ),
    R.POD_CREATION_FAILING: (
        "The API server fails to create the Pod, most often because an admission webhook does not "
        "answer; the message is its own. It is tried again."
    ),
    R.QUOTA_EXCEEDED: "A ResourceQuota of the namespace leaves no room for the Pod; it is tried again.",
    R.POD_TEMPLATE_NOT_FOUND: (
        "The PodTemplate that `podTemplate.name` names is not in the task's namespace. It is looked for "
        "every five seconds, until `timeout.queued`."
    ),
    R.SERVICE_ACCOUNT_NOT_FOUND: "The service account does not exist yet; it is tried again.",
    R.CLASS_NOT_FOUND: (
        "The priority class or runtime class that the task names does not exist yet; it is tried again. "
        "Create it, or name another in a new task."
    ),
    R.VOLUME_CLAIM_NOT_FOUND: (
        "A PersistentVolumeClaim that the Pod mounts does not exist; the message names it. The Pod is "
        "scheduled when it is there."
    ),
    R.VOLUME_NOT_READY: (
        "A volume of the Pod is not bound, attached or mounted; the message is the cluster's or the node's. "
        "It is tried again; `timeout.queued` bounds the wait."
    ),
    R.SANDBOX_NOT_READY: (
        "The node cannot make the Pod's sandbox, most often because its network is not ready; the message is "
        "the node's. It is tried again; `timeout.queued` bounds the wait."
    ),
    R.STORE_NOT_FOUND: (
        "The store that `storeRef` names is not there; or an output is a file, directory or dataset, and "
        "there is neither an ArtifactStore `default` in the namespace nor a ClusterArtifactStore `default`; "
        "or no store is for a `destination`, or for the claim of a URI. The task goes on as soon as there is "
        "one ([stores.md](stores.md))."
    ),
    R.STORE_INVALID: (
        "The spec of a store that the task needs contradicts itself, or the task would write to one that can "
        "only be read; the message says how. The task goes on as soon as that is mended."
    ),
    R.TEMPLATE_NOT_FOUND: (
        "The ContainerTaskTemplate that `templateRef` names is not in the task's namespace, or there is no "
        "such ClusterContainerTaskTemplate, or the chart's `rbac.clusterTemplates` keeps the operator from "
        "seeing those. The task goes on as soon as there is one, until `timeout.queued` of the task itself "
        "([tasktemplates.md](tasktemplates.md))."
    ),
    R.TEMPLATE_INVALID: (
        "The spec of the template that `templateRef` names contradicts itself, or is larger than 64 KiB; the "
        "message and the template's condition Ready say how. The task goes on as soon as that is mended."
    ),
    R.TASK_NOT_FOUND: (
        "There is no task of the name that a `taskOutputRef` has. The task goes on when there is one and it "
        "has succeeded."
    ),
    R.TASK_NOT_DONE: "A task whose output is an input of this one has not ended yet.",
    R.NAMESPACE_TERMINATING: "The namespace is being deleted and takes no new Pods.",
    R.OPERATOR_FORBIDDEN: (
        "The operator's own role does not let it create the task's Pod in this namespace; it is tried "
        "again. Ask an administrator to install the chart's roles."
    ),
    R.IMAGE_VOLUME_UNUSABLE: (
        "The node or the cluster did not take the image volume by which Gated mode brings the launcher; the "
        "message says what was seen. The Pod is replaced by one in Init mode, at no cost to any budget, and "
        "all tasks start so for an hour. Where it comes again, ask an administrator to look at the nodes' "
        "container runtime."
    ),
    R.MAIN_RUNNING: "The container of the command runs.",
    R.READING_OUTPUTS: "The command has ended; its outputs are being read.",
    R.ACCEPTED: "The task's spec holds together.",
    R.INPUTS_WRITTEN: "The inputs are on disk.",
    R.COMMAND_STARTED: "The command was started.",
    R.VALID: (
        "The spec of a store or of a template holds together. The operator opens no store and reads no "
        "Secret: whether a store is there and takes the credentials, the Pods of tasks find out."
    ),
    R.OUTPUTS_READ: "All outputs were read and are of their types.",
    R.SUCCEEDED: "The command ended with exit code 0 and every output is there and of its type.",
    R.CANCELLED: "`spec.cancel` was set. Outputs that were written by then and fit are in the status.",
    R.INVALID_SPEC: (
        "The spec contradicts itself, or a value is not of its type; the message names the "
        "field. Nothing was run. Create another task. Of a store or a template: its spec contradicts "
        "itself; mend the field that the message names, and the condition follows."
    ),
    R.INVALID_POD_TEMPLATE: (
        "The API server refuses the Pod as invalid, and the message is its own; or the PodTemplate that "
        "`podTemplate.name` names has what it may not, such as a volume of ours. The message names the field."
    ),
    R.NOT_ALLOWED: (
        "The Pod would have what the operator's administrator does not allow: a folder of the node, "
        "privileges, the node's namespaces or ports, or this service account. The message names the field, "
        "and the chart's value by which an administrator allows it. Leave it out, or ask."
    ),
    R.UNKNOWN_ACCELERATOR: (
        "`accelerator.type` or `accelerator.partition` is none that the operator's chart has; the message "
        "names those that it has."
    ),
    R.INVALID_IMAGE_NAME: "`spec.image` cannot be the name of an image.",
    R.POD_REFUSED: (
        "An admission rule of the cluster (Pod security, a policy) refuses the Pod; the "
        "message is its own. Change the spec to comply, or ask an administrator."
    ),
    R.POD_NAME_TAKEN: (
        "A Pod that belongs to somebody else has the name that this task's Pod needs. It is "
        "left alone. Delete it and create the task again."
    ),
    R.IMAGE_PULL_FAILED: (
        "The image could not be pulled within the operator's grace. Check its name, "
        "`imagePullSecrets` and the registry."
    ),
    R.CONTAINER_START_FAILED: (
        "The node's container runtime could not start a container of the Pod; the message is its own."
    ),
    R.RUN_AS_ROOT_FORBIDDEN: (
        "The image runs as root, or as a user by name, and the security context forbids root. Set "
        "`securityContext.runAsUser` to a number other than 0."
    ),
    R.SECRET_NOT_FOUND: (
        "A Secret, or a key of it, that `env` or `envFrom` names did not come within `timeout.queued`. "
        "Without that clock the task waits for it."
    ),
    R.CONFIG_MAP_NOT_FOUND: (
        "A ConfigMap, or a key of it, that `env`, `envFrom` or an input names did not come within "
        "`timeout.queued`. Without that clock the task waits for it."
    ),
    R.COMMAND_NOT_FOUND: "The first element of `command` is not in the image: check its path, or PATH.",
    R.COMMAND_NOT_EXECUTABLE: (
        "The first element of `command` is there and cannot be executed: mode, a script "
        "without `#!`, or another architecture."
    ),
    R.INVALID_INPUT: (
        "The downloader could not read an input as its type, or what another task gave is at no URI that "
        "anything can be fetched from."
    ),
    R.INPUT_NOT_FOUND: "There is nothing at the URI of an input: no such object, folder or bucket.",
    R.INPUT_DIGEST_MISMATCH: (
        "What lies at the URI of an input has another SHA-256 than its `sha256` says; the command saw "
        "nothing of it."
    ),
    R.INPUT_TOO_LARGE: (
        "What lies at the URI of an input is more than its `maxBytes`, or the `limits` of its store, allow."
    ),
    R.INPUT_CHANGED: "An object was replaced while it was fetched. The next attempt fetches the new one.",
    R.DEPENDENCY_FAILED: (
        "A task whose output is an input of this one did not succeed, or left that output out, or it is of "
        "another type. Create both again."
    ),
    R.DEPENDENCY_DELETED: (
        "A task whose output is an input of this one was deleted before this one had begun, or another task "
        "has its name now. Later attempts take what the first one took, unless the operator has restarted "
        "since: then the other task has to be there still."
    ),
    R.STORE_UNAVAILABLE: (
        "A store was not reached, had too much to do, or broke off, and tries of about two minutes did not "
        "help."
    ),
    R.STORE_FORBIDDEN: (
        "A store refuses what the task asks of it: look at the credentials that the store names, and at what "
        "they may do. Or a URI is outside of what a ClusterArtifactStore allows the task's namespace."
    ),
    R.OUTPUTS_EXIST: (
        "Somebody else wrote a manifest of outputs into the folder of this attempt. It was not replaced, and "
        "the next attempt has a folder of its own."
    ),
    R.DISK_FULL: (
        "The disk of the Pod has no room for the inputs, or the volume of a store none for the outputs."
    ),
    R.NON_ZERO_EXIT: (
        "The command ended with an exit code other than 0, or by a fault of its own such as a "
        "segmentation fault. Its log says more."
    ),
    R.OOM_KILLED: (
        "The kernel ended the command because it used more memory than "
        "`resources.limits.memory`. Raise the limit."
    ),
    R.USER_ERROR: (
        "The command left the file `_ERROR` in the output folder, and the message is its text; or Flyte's "
        "`error.pb`, which is not tried again unless it says that it is recoverable."
    ),
    R.OUTPUT_MISSING: "The command ended well and did not write an output that is not optional.",
    R.OUTPUT_INVALID: (
        "What the command wrote is not of the output's type; the message says what it is instead."
    ),
    R.OUTPUT_TOO_LARGE: (
        "An output is larger than its `maxBytes` or the `limits` of its store allow; or, without a store, "
        "than what fits into the status. The message names it and the room."
    ),
    R.OUTPUT_UNREADABLE: "An output is a link, a special file, or not readable.",
    R.DOWNLOAD_TIMEOUT: "Writing the inputs took longer than `timeout.download`.",
    R.EXECUTION_TIMEOUT: "The command took longer than `timeout.execution`: it got SIGTERM, then SIGKILL.",
    R.UPLOAD_TIMEOUT: "Reading the outputs took longer than `timeout.upload`.",
    R.QUEUED_TIMEOUT: "The task did not get onto a node within `timeout.queued`.",
    R.DEADLINE_EXCEEDED: "The task took longer than `timeout.total` from its creation.",
    R.POD_DEADLINE_EXCEEDED: "The Pod outlived all of its clocks together, so the node ended it.",
    R.INTERRUPTED: (
        "A signal that neither the operator nor the kernel's memory limit sent ended the command."
    ),
    R.EVICTED: "The node or the cluster evicted the Pod; the message says why.",
    R.PREEMPTED: "The Pod had to make room for one of higher priority.",
    R.NODE_LOST: "The Pod's node is gone or does not answer.",
    R.POD_DELETED: "Somebody deleted the task's Pod before it was done.",
    R.POD_FAILED: "The Pod failed before its containers could say why; the message is the node's.",
    R.COPILOT_FAILED: (
        "Downloader or uploader could not do its work: disk full, memory limit, or a fault of ours."
    ),
    R.MESSAGE_TRUNCATED: (
        "The uploader's report was cut by the node, because containers that others added to "
        "the Pod leave less room for it."
    ),
    R.MESSAGE_UNREADABLE: "The uploader's report is not one that this operator understands.",
}
