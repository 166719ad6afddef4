"""Endings before the command runs: images, configuration, volumes, nodes, inputs."""

from __future__ import annotations

from typing import Any, Final

from recorded.commands import WRITES, A
from recorded.conditions import main_waits_for, unscheduled, without_sandbox
from recorded.ending import Ending, in_modes
from recorded.registry import THROTTLED, throttling
from support.admission import Policy
from support.cluster import Json
from support.modes import EVERY, GATED, INIT, SIGNAL
from support.tasks import shell

ABSENT: Final = "localhost:1/users/tool:dev"
"""Nobody listens there."""
QUEUED: Final[Json] = {"timeout": {"queued": "4s"}}
_SETTINGS: Final[Json] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings"},
    "data": {"rate": "much"},
}
_SECRET: Final[Json] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "credentials"},
    "stringData": {"user": "me"},
}


def _env(kind: str, name: str, key: str = "k") -> Json:
    source = {f"{kind}KeyRef": {"name": name, "key": key}}
    return shell(WRITES, outputs=A, env=[{"name": "GIVEN", "valueFrom": source}])


def _kept(name: str, key: str, **more: Any) -> Json:
    source = {"configMapKeyRef": {"name": name, "key": key}}
    return shell(WRITES, outputs=A, inputs=[{"name": "rate", "type": "float", "valueFrom": source}], **more)


def _with_volume(source: str, mark: str) -> Policy:
    """Return the policy that gives ``main`` of every Gated Pod another volume."""
    expression = f"""Object{{spec: Object.spec{{
        volumes: [Object.spec.volumes{{name: 'added', {source}}}],
        containers: [Object.spec.containers{{
            name: 'main',
            volumeMounts: [Object.spec.containers.volumeMounts{{name: 'added', mountPath: '/{mark}'}}]
        }}]
    }}}}"""
    gated = "object.spec.?volumes.orValue([]).exists(v, v.name == 'launcher' && has(v.image))"
    mutation = {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}
    spec = {
        "matchConditions": [{"name": "gated", "expression": gated}],
        "mutations": [mutation],
        "reinvocationPolicy": "Never",
    }
    return Policy("MutatingAdmissionPolicy", spec, f"/{mark}")


def _claimed(name: str) -> Policy:
    claim = f"Object.spec.volumes.persistentVolumeClaim{{claimName: '{name}'}}"
    return _with_volume(f"persistentVolumeClaim: {claim}", f"claimed-{name}")


_CLAIM: Final[Json] = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "unbound"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "nobody-provides-this",
        "resources": {"requests": {"storage": "1Gi"}},
    },
}

_MISSING: Final = shell(WRITES, outputs=A, image=ABSENT)
_BUSY: Final = shell(WRITES, outputs=A, image=THROTTLED)
_ENDED: Final = (GATED, SIGNAL)
_BACK_OFF: Final = main_waits_for("ImagePullBackOff")

IMAGES: Final = {
    **in_modes(
        "image-missing",
        "the image cannot be pulled: the first try",
        _MISSING,
        _ENDED,
        shows=main_waits_for("ErrImagePull"),
    ),
    **in_modes(
        "image-missing-later",
        "the image cannot be pulled: the kubelet waits",
        _MISSING,
        (GATED,),
        shows=_BACK_OFF,
    ),
    **in_modes("image-missing-stopped", "the image cannot be pulled, and the grace is over", _MISSING, EVERY),
    **in_modes(
        "image-throttled",
        "the registry answers 429 Too Many Requests: the first try",
        _BUSY,
        _ENDED,
        around=throttling,
        shows=main_waits_for("ErrImagePull"),
    ),
    **in_modes(
        "image-throttled-later",
        "the registry answers 429 Too Many Requests: the kubelet waits",
        _BUSY,
        (GATED,),
        around=throttling,
        shows=_BACK_OFF,
    ),
    **in_modes(
        "image-throttled-stopped",
        "the registry answers 429 Too Many Requests, and the grace is over",
        _BUSY,
        _ENDED,
        around=throttling,
    ),
    **in_modes(
        "image-name-invalid", "the image cannot be a name", shell("", image="Not/An:Image:Name"), EVERY
    ),
    **in_modes(
        "image-never-pulled",
        "the image is not there and may not be pulled",
        shell("", image=ABSENT, imagePullPolicy="Never"),
        (GATED,),
        shows=main_waits_for("ErrImageNeverPull"),
    ),
}

_NO_CONFIG: Final = main_waits_for("CreateContainerConfigError")
_ENVIRONMENTS: Final = {
    "secret-missing": ("a Secret that does not exist", _env("secret", "absent")),
    "secret-key-missing": ("a key that a Secret does not have", _env("secret", "credentials")),
    "config-map-missing": ("a ConfigMap that does not exist", _env("configMap", "absent")),
    "config-map-key-missing": ("a key that a ConfigMap does not have", _env("configMap", "settings")),
    "secret-missing-whole": (
        "a whole Secret that does not exist",
        shell(WRITES, outputs=A, envFrom=[{"secretRef": {"name": "absent"}}]),
    ),
}
CONFIGURATION: Final[dict[str, Ending]] = {
    **{
        f"{name}-gated": Ending(
            about=f"env names {what}", spec=spec, shows=_NO_CONFIG, needs=(_SECRET, _SETTINGS)
        )
        for name, (what, spec) in _ENVIRONMENTS.items()
    },
    **in_modes(
        "secret-missing-stopped",
        "env names a Secret that does not come",
        {**_env("secret", "absent"), **QUEUED},
        EVERY,
    ),
    **in_modes(
        "config-map-missing-stopped",
        "env names a ConfigMap that does not come",
        {**_env("configMap", "absent"), **QUEUED},
        (GATED,),
    ),
    **in_modes(
        "run-as-root",
        "the security context forbids root, and the image is root's",
        shell(WRITES, outputs=A, securityContext={"runAsNonRoot": True}),
        _ENDED,
    ),
    **in_modes(
        "working-dir-is-a-file",
        "workingDir is a file",
        shell(WRITES, outputs=A, workingDir="/bin/busybox"),
        _ENDED,
    ),
}

VOLUMES: Final = {
    **in_modes(
        "input-map-missing",
        "an input's ConfigMap does not exist",
        _kept("absent", "rate"),
        (GATED, INIT),
        shows=without_sandbox,
        later=12,
        events=True,
    ),
    **in_modes(
        "input-key-missing",
        "an input's key does not exist",
        _kept("settings", "absent"),
        (GATED,),
        shows=without_sandbox,
        later=12,
        events=True,
        needs=(_SETTINGS,),
    ),
    **in_modes(
        "input-map-missing-stopped",
        "an input's ConfigMap does not come",
        _kept("absent", "rate", **QUEUED),
        (GATED,),
        events=True,
    ),
    **in_modes(
        "secret-volume-missing",
        "a volume's Secret does not exist",
        shell(WRITES, outputs=A),
        (GATED,),
        policy=_with_volume("secret: Object.spec.volumes.secret{secretName: 'absent'}", "of-a-secret"),
        shows=without_sandbox,
        later=12,
        events=True,
    ),
    **in_modes(
        "claim-missing",
        "a volume's claim does not exist",
        shell(WRITES, outputs=A),
        (GATED,),
        policy=_claimed("absent"),
        shows=unscheduled,
        later=2,
        events=True,
    ),
    **in_modes(
        "claim-unbound",
        "a volume's claim is not bound",
        shell(WRITES, outputs=A),
        (GATED,),
        policy=_claimed("unbound"),
        needs=(_CLAIM,),
        shows=unscheduled,
        later=2,
        events=True,
    ),
    **in_modes(
        "input-invalid",
        "an input's ConfigMap says what is no float",
        _kept("settings", "rate"),
        EVERY,
        needs=(_SETTINGS,),
    ),
}

STARTS: Final = {**IMAGES, **CONFIGURATION, **VOLUMES}
