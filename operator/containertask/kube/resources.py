"""The kinds of object this operator talks about, and their paths on the API server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of object in one version.

    Attributes:
        group: API group; empty for the core group.
        version: version in that group.
        plural: the name in paths.
    """

    group: str
    version: str
    plural: str

    @property
    def group_version(self) -> str:
        """What an object of this kind has as its ``apiVersion``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str = "") -> str:
        """Return the path, percent-encoded; without a namespace that of all, or of a kind that has none."""
        parts = [group_version_path(self.group_version)]
        if namespace is not None:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name is not None:
            parts.append(quote(name, safe=""))
        if subresource:
            parts.append(subresource)
        return "/".join(parts)


def group_version_path(group_version: str) -> str:
    """Return the path under which a group's version is served: ``/api/v1`` for the core group."""
    return f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"


TASKS: Final = Resource(group="containertask.dev", version="v1alpha1", plural="containertasks")
ARTIFACT_STORES: Final = Resource(group="containertask.dev", version="v1alpha1", plural="artifactstores")
CLUSTER_ARTIFACT_STORES: Final = Resource(
    group="containertask.dev", version="v1alpha1", plural="clusterartifactstores"
)
CONTAINER_TASK_TEMPLATES: Final = Resource(
    group="containertask.dev", version="v1alpha1", plural="containertasktemplates"
)
CLUSTER_CONTAINER_TASK_TEMPLATES: Final = Resource(
    group="containertask.dev", version="v1alpha1", plural="clustercontainertasktemplates"
)
PODS: Final = Resource(group="", version="v1", plural="pods")
POD_TEMPLATES: Final = Resource(group="", version="v1", plural="podtemplates")
CONFIG_MAPS: Final = Resource(group="", version="v1", plural="configmaps")
EVENTS: Final = Resource(group="", version="v1", plural="events")
LEASES: Final = Resource(group="coordination.k8s.io", version="v1", plural="leases")
NODES: Final = Resource(group="", version="v1", plural="nodes")
