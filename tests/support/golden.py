"""Golden Pods: what the operator makes of a task, field by field, in ``tests/golden/pods``.

``PYTHONPATH=tests python -m support.golden`` writes them anew; read the difference before it is committed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from containertask.core.accept import Accepted, accept
from containertask.core.attempt import Attempt
from containertask.core.config import Config, PodSecurity
from containertask.core.mode import Cluster, mode_of
from containertask.core.offers import AcceleratorType, Allow, Partition
from containertask.core.podspec import build_pod, build_values
from containertask.core.storeuse import Use, use_of
from containertask.core.task import TaskView
from support.builders.tasks import TaskBuilder, a_task
from support.specs import ACCEPTED
from support.storeviews import claim, own
from support.templates import OWN_METADATA, OWN_SPEC, TEMPLATE

FOLDER: Final = Path(__file__).resolve().parents[1] / "golden" / "pods"
_CONFIG: Final = Config(image="containertask/operator:test")
_EVERYTHING: Final = {key: value for key, value in ACCEPTED["one of everything"].items() if key != "suspend"}
_GPU: Final = AcceleratorType(
    resource="nvidia.com/gpu",
    node_selector={"accelerator": "a100"},
    tolerations=({"key": "nvidia.com/gpu", "operator": "Exists"},),
    partitions={"1g.5gb": Partition(resource="nvidia.com/mig-1g.5gb", node_selector={"mig": "mixed"})},
)
_SECRETS: Final = [
    {"name": "database", "key": "password", "env": "DB_PASSWORD"},
    {"name": "database", "key": "hint", "env": "DB_HINT", "optional": True},
    {"name": "database", "key": "tls.key", "file": "/etc/db/tls.key"},
    {"name": "extra", "key": "ca", "file": "/etc/db/ca.pem", "optional": True},
]
_CLOCKS: Final = {"queued": "10m", "download": "1m", "execution": "1h", "upload": "2m", "total": "3h"}

_S3: Final = {
    "s3": {
        "bucket": "results",
        "prefix": "team",
        "region": "eu-central-1",
        "endpoint": "https://minio.storage.svc:9000",
        "credentials": {"type": "Secret", "secretName": "store-key"},
    },
    "tls": {"caConfigMap": {"name": "company-ca", "key": "ca.crt"}},
}
_IDENTITY: Final = {"s3": {"bucket": "results", "region": "eu-central-1"}}
_KEPT: Final = a_task().with_output("f", "file").with_uri("a", "https://data.example.org/a.csv")
_STORES: Final = {
    "s3": (own("default", _S3),),
    "s3-gated": (own("default", _S3),),
    "s3-signal": (own("default", _S3),),
    "s3-by-identity": (own("default", _IDENTITY),),
    "claim": (own("default", claim("results")), own("models", claim("models", read_only=True))),
}

CASES: Final[dict[str, tuple[TaskBuilder, int, Config]]] = {
    "minimal": (a_task(), 0, _CONFIG),
    "everything": (
        a_task(**_EVERYTHING),
        2,
        replace(_CONFIG, image_pull_policy="IfNotPresent", accelerators={"nvidia-a100": _GPU}),
    ),
    "values-in-a-configmap": (a_task().with_input("long", "string", "x" * 25_000), 0, _CONFIG),
    "proto": (a_task(metadataFormat="PROTO").with_input("n", "integer", 3), 0, _CONFIG),
    "restricted": (a_task(), 0, replace(_CONFIG, pod_security=PodSecurity.RESTRICTED)),
    "openshift": (a_task(), 0, replace(_CONFIG, copilot_uid=None)),
    "privileged": (
        a_task(securityContext={"privileged": True}),
        0,
        replace(_CONFIG, allow=Allow(privileged=True)),
    ),
    "secrets": (a_task(secrets=_SECRETS, env=[{"name": "URL", "value": "db:$(DB_PASSWORD)"}]), 0, _CONFIG),
    "overlays": (
        a_task(
            start="Gated",
            podTemplate={"name": "cluster-defaults", "metadata": OWN_METADATA, "spec": OWN_SPEC},
            env=[{"name": "LEVEL", "value": "task"}],
            tolerations=[{"key": "spot", "operator": "Exists"}],
            nodeSelector={"zone": "b"},
            sharedMemory={},
            queue="team-a",
        ),
        0,
        _CONFIG,
    ),
    "signal-with-overlay": (
        a_task(command=None, podTemplate={"spec": {"securityContext": {"runAsUser": 1000}}}),
        0,
        _CONFIG,
    ),
    "clocks": (a_task(timeout=_CLOCKS), 0, _CONFIG),
    "gated": (a_task(start="Gated").with_input("n", "integer", 3).with_output("m", "integer"), 0, _CONFIG),
    "gated-by-pull-policy": (a_task(start="Gated"), 0, replace(_CONFIG, image_pull_policy="Never")),
    "signal": (
        a_task(command=None, timeout=_CLOCKS).with_input("n", "integer", 3).with_output("m", "integer"),
        0,
        _CONFIG,
    ),
    "signal-with-command": (
        a_task(
            start="Signal", args=["{{.inputs.n}}"], securityContext={"runAsUser": 1000, "runAsGroup": 2000}
        ).with_input("n", "integer", 3),
        1,
        _CONFIG,
    ),
    "signal-as-root": (a_task(start="Signal", securityContext={"runAsUser": 0}), 0, _CONFIG),
    "s3": (_KEPT, 1, _CONFIG),
    "s3-gated": (_KEPT.spec(start="Gated"), 0, _CONFIG),
    "s3-signal": (_KEPT.spec(start="Signal"), 0, _CONFIG),
    "s3-by-identity": (_KEPT.spec(serviceAccountName="results"), 0, _CONFIG),
    "claim": (a_task(start="Gated").with_output("f", "file").with_uri("a", "pvc://models/m"), 0, _CONFIG),
    "dollars": (
        a_task(args=["$HOME", "$(CT_NAME)", "{{.inputs.s}}"], outputDir="/o$ut").with_input(
            "s", "string", "$(X) $$ {{.name}}"
        ),
        0,
        _CONFIG,
    ),
}


def made(name: str) -> list[dict[str, Any]]:
    """Return what is created for a case: the ConfigMap, if there is one, and the Pod."""
    task, attempt, config = CASES[name]
    view = task.view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted), accepted
    values = build_values(view, accepted)
    template = TEMPLATE if accepted.spec.pod_template and accepted.spec.pod_template.name else None
    mode = mode_of(accepted.spec, Cluster(), 0)
    one = Attempt(number=attempt, mode=mode, template=template, use=_use(name, view, accepted))
    return [*([values] if values else []), build_pod(view, accepted, one, config)]


def _use(name: str, task: TaskView, accepted: Accepted) -> Use:
    if name not in _STORES:
        return Use()
    found = use_of(task, accepted.spec, _STORES[name], accepted.needs)
    assert isinstance(found, Use), found
    return found


def rendered(name: str) -> str:
    """Return the text of the golden file."""
    return yaml.safe_dump_all(made(name), sort_keys=False, width=110)


def main() -> None:
    """Write all files, and remove those that no case has."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.yaml"):
        path.unlink()
    for name in CASES:
        (FOLDER / f"{name}.yaml").write_text(rendered(name))


if __name__ == "__main__":
    main()
