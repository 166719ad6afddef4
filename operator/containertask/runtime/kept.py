"""The kinds of which the operator keeps all objects: stores and templates, those of the cluster too."""

from __future__ import annotations

from typing import Final

from containertask.api.crdstores import CLUSTER_STORE, STORE
from containertask.api.templates import TemplateKind
from containertask.core import stores, tasktemplates
from containertask.core.stores import StoreView
from containertask.core.tasktemplates import TemplateView
from containertask.kube.resources import (
    ARTIFACT_STORES,
    CLUSTER_ARTIFACT_STORES,
    CLUSTER_CONTAINER_TASK_TEMPLATES,
    CONTAINER_TASK_TEMPLATES,
)
from containertask.runtime.registry import Kinds

STORES: Final[Kinds[StoreView]] = Kinds(
    noun="store",
    kind=STORE,
    cluster_kind=CLUSTER_STORE,
    resource=ARTIFACT_STORES,
    cluster_resource=CLUSTER_ARTIFACT_STORES,
    value="rbac.clusterStores",
    view=stores.store_view,
    new_status=stores.new_status,
)
TEMPLATES: Final[Kinds[TemplateView]] = Kinds(
    noun="template",
    kind=TemplateKind.TEMPLATE.value,
    cluster_kind=TemplateKind.CLUSTER_TEMPLATE.value,
    resource=CONTAINER_TASK_TEMPLATES,
    cluster_resource=CLUSTER_CONTAINER_TASK_TEMPLATES,
    value="rbac.clusterTemplates",
    view=tasktemplates.template_view,
    new_status=tasktemplates.new_status,
)
