"""Specs that are refused by a rule on what the Pod needs: secrets, sizes, accelerators, podTemplate."""

from __future__ import annotations

from support.refusals import Refusal
from support.specs import Json

QUANTITY = "write a quantity as Kubernetes does, not negative, such as 2, 500m or 1.5Gi"
APART = "a file of secrets may be neither inside inputDir or outputDir nor above them: choose another path"
FILES_APART = "each file of secrets has a path of its own, and none is inside another: choose another path"
ONCE = "a variable is set once, by secrets or by env: choose another name"
PLACE = "each of secrets has exactly one of env (a variable) and file (a path)"
KEYS = (
    "app.kubernetes.io/managed-by and names that start with containertask.dev/ belong to containertask: "
    "leave them out"
)
QUEUE = "queue sets the label kueue.x-k8s.io/queue-name: leave it out of podTemplate.metadata.labels"


def secrets(*places: Json, **more: object) -> Json:
    return {"secrets": [{"name": "s", "key": "k", **place} for place in places], **more}


def files(*paths: str) -> Json:
    return secrets(*({"file": path} for path in paths))


PLACES: dict[str, Refusal] = {
    "a secret without a place": Refusal(secrets({}), "spec.secrets", PLACE),
    "a secret with two places": Refusal(secrets({"env": "A", "file": "/a"}), "spec.secrets", PLACE),
    "a secret's variable that is ours": Refusal(
        secrets({"env": "CT_NAME"}),
        "spec.secrets",
        "an env of secrets that starts with CT_ belongs to containertask: choose another name",
    ),
    "two secrets in one variable": Refusal(secrets({"env": "A"}, {"env": "A"}), "spec.secrets", ONCE),
    "a variable of secrets and of env": Refusal(
        secrets({"env": "A"}, env=[{"name": "A", "value": "x"}]), "spec.secrets", ONCE
    ),
    "a secret's variable with a blank": Refusal(
        secrets({"env": "A B"}),
        "spec.secrets[0].env",
        "write letters, digits, `_`, `-`, `.`; a letter or `_` first, such as TOKEN",
    ),
    "a secret's file that is relative": Refusal(
        files("etc/x"),
        "spec.secrets[0].file",
        "write an absolute path without a slash at its end: /var/data",
    ),
    "a secret's file that climbs": Refusal(
        files("/a/../b"), "spec.secrets", "a file of secrets must be normalised: no `.` or `..` in it"
    ),
    "a secret's file that is ours": Refusal(
        files("/ct/x"),
        "spec.secrets",
        "a file of secrets may not be in /ct, /proc, /sys or /dev: choose a path such as /etc/db/password",
    ),
    "a secret's file among the inputs": Refusal(files("/var/inputs/x"), "spec.secrets", APART),
    "a secret's file above the outputs": Refusal(files("/var"), "spec.secrets", APART),
    "two secrets in one file": Refusal(files("/a/b", "/a/b"), "spec.secrets", FILES_APART),
    "a secret's file inside another": Refusal(files("/a/b", "/a"), "spec.secrets", FILES_APART),
    "a secret's key with a slash": Refusal(
        secrets({"key": "a/b", "env": "A"}),
        "spec.secrets[0].key",
        "write a Secret's key, such as password or tls.key",
    ),
    "an accelerator's type with a blank": Refusal(
        {"accelerator": {"type": "a b"}},
        "spec.accelerator.type",
        "write letters, digits, `-`, `_` and `.`, such as nvidia-t4 or 1g.5gb",
    ),
    "no accelerators": Refusal(
        {"accelerator": {"type": "t4", "count": 0}},
        "spec.accelerator.count",
        "0 is not within 1 to 1024",
        r"spec\.accelerator\.count: Invalid value: 0: .*greater than or equal to 1",
    ),
    "shared memory of lots": Refusal(
        {"sharedMemory": {"sizeLimit": "lots"}}, "spec.sharedMemory.sizeLimit", QUANTITY
    ),
    "negative room for the outputs": Refusal({"volumes": {"outputs": -1}}, "spec.volumes.outputs", QUANTITY),
    "a queue in capitals": Refusal(
        {"queue": "Team"},
        "spec.queue",
        "write a queue's name in small letters, digits, `-` and `.`, such as team-a",
    ),
    "a label that is ours": Refusal(
        {"podTemplate": {"metadata": {"labels": {"containertask.dev/task": "x"}}}},
        "spec.podTemplate.metadata.labels",
        KEYS,
    ),
    "an annotation that is ours": Refusal(
        {"podTemplate": {"metadata": {"annotations": {"app.kubernetes.io/managed-by": "x"}}}},
        "spec.podTemplate.metadata.annotations",
        KEYS,
    ),
    "a queue by two ways": Refusal(
        {
            "queue": "a",
            "podTemplate": {"metadata": {"labels": {"kueue.x-k8s.io/queue-name": "b"}}},
        },
        "spec.podTemplate",
        QUEUE,
    ),
}
