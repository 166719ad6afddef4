"""Specs that are taken, and the pieces that examples are made of; ``refusals`` has those that are not.

The API server and ``parse_spec`` are held against the same examples, so that they cannot drift apart.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

LEAST: Json = {"image": "alpine:3.22", "command": ["true"]}
A: Json = {"name": "a", "type": "float", "value": 2.5}
AREA: Json = {"name": "area", "type": "float"}


def spec(**change: object) -> Json:
    """Return the least spec with a change; ``...`` takes a field away."""
    return {key: value for key, value in {**LEAST, **change}.items() if value is not ...}


ACCEPTED: dict[str, Json] = {
    "the least there is": {},
    "one of everything": {
        "imagePullPolicy": "IfNotPresent",
        "imagePullSecrets": [{"name": "registry"}],
        "args": ["{{.inputs.a}}", ""],
        "workingDir": "/work",
        "env": [
            {"name": "MODE", "value": "{{.inputs.a}}"},
            {"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
        ],
        "envFrom": [{"configMapRef": {"name": "c"}}],
        "inputs": [
            A,
            {"name": "n", "type": "struct", "value": {"k": [None]}},
            {"name": "o", "type": "string", "optional": True},
            {"name": "p", "type": " optional [ map[ list[float] ] ]"},
            {"name": "q", "type": "none"},
            {"name": "r", "type": 'union[enum["a","b"],integer]', "value": "b"},
            {
                "name": "s",
                "type": "integer",
                "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}},
                "default": 3,
            },
            {"name": "t", "type": "file", "value": "AP8=", "layout": "NamedDir"},
            {"name": "u", "type": "dataset[parquet]", "uri": "s3://b/k", "mode": "Reference"},
            {"name": "v", "type": "file", "uri": "https://h/p?q", "sha256": "0f" * 32, "maxBytes": 1 << 40},
            {
                "name": "w",
                "type": "list[directory]",
                "valueFrom": {"taskOutputRef": {"name": "train", "output": "models"}},
            },
        ],
        "outputs": [
            AREA,
            {"name": "log", "type": "string", "source": "Stdout"},
            {"name": "code", "type": "integer", "source": "ExitCode"},
            {"name": "deep", "type": "struct", "path": "/var/outputs/x/y.json", "optional": True},
            {"name": "parts", "type": "list[string]", "glob": "parts/**/*.txt"},
            {"name": "all", "type": "optional[ list[map[integer]] ]", "glob": "*"},
            {"name": "kept", "type": "file", "maxBytes": 9, "destination": "gs://b/kept.txt"},
        ],
        "storeRef": {"kind": "ClusterArtifactStore", "name": "company"},
        "storePrefix": "trials/2026",
        "inputDir": "/data/in",
        "outputDir": "/var/outputs",
        "metadataFormat": "PROTO",
        "fileInputLayout": "NamedDir",
        "resources": {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"memory": "1.5Gi"}},
        "copilotResources": {"limits": {"cpu": "500m"}},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "batch-low",
        "runtimeClassName": "gvisor",
        "serviceAccountName": "runner",
        "automountServiceAccountToken": True,
        "accelerator": {"type": "nvidia-a100", "count": 2, "partition": "1g.5gb"},
        "sharedMemory": {"sizeLimit": "1Gi"},
        "volumes": {"inputs": "5Gi", "outputs": 1000},
        "secrets": [
            {"name": "database", "key": "password", "env": "DB_PASSWORD"},
            {"name": "database", "key": "tls.key", "file": "/etc/db/tls.key", "optional": True},
        ],
        "queue": "team-a",
        "podTemplate": {
            "name": "cluster-defaults",
            "metadata": {"labels": {"team": "research"}, "annotations": {"example.com/owner": "me"}},
            "spec": {"hostAliases": [{"ip": "10.0.0.9", "hostnames": ["db"]}], "dnsPolicy": "Default"},
        },
        "securityContext": {"runAsUser": 1000},
        "displayName": "Area of an ellipse",
        "description": "Computes.",
        "start": "Init",
        "suspend": True,
        "cancel": False,
        "timeout": {"queued": "10m", "download": "1m", "execution": "1h30m", "upload": "5m", "total": "2h"},
        "ttlSecondsAfterFinished": 0,
        "podRetention": "OnFailure",
        "retries": {
            "limit": 2,
            "systemLimit": 5,
            "backoff": {"base": "1s", "factor": 3, "cap": "1m"},
            "rules": [
                {"exitCodes": [3], "action": "Succeed"},
                {"exitCodes": [75], "reasons": ["NonZeroExit"], "action": "Retry"},
                {"reasons": ["OutputInvalid", "Evicted"], "action": "Fail"},
            ],
            "onOOM": {"memoryPercent": 150, "max": "4Gi"},
        },
        "interruptible": True,
    },
    "folders whose names begin alike": {"inputDir": "/data", "outputDir": "/data-out"},
    "the root as workingDir": {"workingDir": "/"},
    "quantities as Kubernetes writes them": {
        "resources": {"limits": {"cpu": ".5", "memory": "1e3", "x.org/y": "100u", "z.org/y": 0}}
    },
    "an argument of nearly 128 KiB": {"args": ["x" * 131_071]},
    "a null as the value of an input": {"inputs": [{"name": "a", "type": "struct", "value": None}]},
    "a default of null": {"inputs": [{"name": "a", "type": "struct", "default": None}]},
    "a value of each kind of JSON": {
        "inputs": [
            {"name": f"v{number}", "type": "struct", "value": value}
            for number, value in enumerate([0, 0.5, "", "x", False, [], {}, {"value": [1]}])
        ]
    },
    "outputs whose paths begin alike": {
        "outputs": [
            {"name": "a", "type": "float", "path": "/var/outputs/x"},
            {"name": "b", "type": "float", "path": "/var/outputs/xy"},
            {"name": "c", "type": "float", "path": "/var/outputs/y/x"},
        ]
    },
    "an output of a stream that is named as another's path": {
        "outputs": [
            {"name": "log", "type": "string", "source": "Stdout"},
            {"name": "file", "type": "string", "path": "/var/outputs/log"},
        ]
    },
    "a null where a field may be left out": {"inputDir": None, "nodeSelector": {"disk": None}},
    "the shortest and the longest durations": {"timeout": {"queued": "1s", "total": "87600h"}},
}
