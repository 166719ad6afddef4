"""A PodTemplate as the API server keeps it, and what a task says over it."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

DEFAULTS: Final[Json] = {
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "imagePullPolicy": "Always",
}
"""What the API server puts into every container."""
TEMPLATE: Final[Json] = {
    "apiVersion": "v1",
    "kind": "PodTemplate",
    "metadata": {"name": "cluster-defaults", "namespace": "default"},
    "template": {
        "metadata": {
            "labels": {"app.kubernetes.io/managed-by": "Helm", "team": "platform", "cost": "batch"},
            "annotations": {"containertask.dev/stop": "{}", "example.com/from": "template"},
        },
        "spec": {
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "schedulerName": "default-scheduler",
            "securityContext": {
                "fsGroup": 2000,
                "seccompProfile": {"type": "Localhost", "localhostProfile": "a"},
            },
            "serviceAccount": "batch",
            "serviceAccountName": "batch",
            "nodeSelector": {"zone": "a", "disk": "ssd"},
            "tolerations": [{"key": "batch", "operator": "Exists"}],
            "volumes": [
                {"name": "scratch", "emptyDir": {}},
                {"name": "reference", "persistentVolumeClaim": {"claimName": "reference", "readOnly": True}},
            ],
            "containers": [
                {
                    **DEFAULTS,
                    "name": "main",
                    "image": "placeholder",
                    "resources": {"requests": {"cpu": "100m"}},
                    "env": [{"name": "LEVEL", "value": "template"}, {"name": "SITE", "value": "north"}],
                    "volumeMounts": [{"name": "scratch", "mountPath": "/scratch/"}],
                }
            ],
        },
    },
}
OWN_METADATA: Final[Json] = {"labels": {"team": "research"}, "annotations": {"example.com/owner": "me"}}
OWN_SPEC: Final[Json] = {
    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
    "tolerations": [{"key": "batch", "operator": "Exists"}, {"key": "night", "operator": "Exists"}],
    "hostAliases": [{"ip": "10.0.0.9", "hostnames": ["db"]}],
    "volumes": [{"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}],
    "initContainers": [{"name": "prepare", "image": "busybox", "command": ["true"]}],
    "containers": [
        {
            "name": "main",
            "env": [{"name": "SITE", "value": "south"}],
            "resources": {"limits": {"memory": "1Gi"}},
            "volumeMounts": [
                {"name": "reference", "mountPath": "/reference"},
                {"name": "scratch", "mountPath": "/scratch", "subPath": "deep"},
            ],
        },
        {
            "name": "proxy",
            "image": "proxy:1",
            "volumeMounts": [
                {"name": "inputs", "mountPath": "/in", "readOnly": True},
                {"name": "outputs", "mountPath": "/out"},
            ],
        },
    ],
}
