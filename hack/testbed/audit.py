"""The API server's audit log: where its policy and the log are, as parts of kind's configuration.

The log stays on the node: ``/var/log/kubernetes/audit.log``, rotated by the API server itself.
"""

from __future__ import annotations

import json
from pathlib import Path

from testbed.versions import HERE

POLICY = HERE / "audit.yaml"
LOG = "/var/log/kubernetes/audit.log"
_ON_NODE = "/etc/kubernetes/audit"


def mount(policy: Path) -> dict[str, object]:
    """Return the mount that shows the node this copy of the policy."""
    return {"hostPath": str(policy), "containerPath": f"{_ON_NODE}/policy.yaml", "readOnly": True}


def patch() -> str:
    """Return the patch of kubeadm's configuration; kind turns the map of arguments into kubeadm's list."""
    arguments = {
        "audit-policy-file": f"{_ON_NODE}/policy.yaml",
        "audit-log-path": LOG,
        "audit-log-maxsize": "50",
        "audit-log-maxbackup": "2",
    }
    log_folder = str(Path(LOG).parent)
    volumes = [
        {"name": "audit-policy", "hostPath": _ON_NODE, "mountPath": _ON_NODE, "readOnly": True},
        {
            "name": "audit-log",
            "hostPath": log_folder,
            "mountPath": log_folder,
            "pathType": "DirectoryOrCreate",
        },
    ]
    return json.dumps(
        {"kind": "ClusterConfiguration", "apiServer": {"extraArgs": arguments, "extraVolumes": volumes}}
    )
