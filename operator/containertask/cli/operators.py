"""The operator's own objects in a cluster, as far as a user may see them."""

from __future__ import annotations

from typing import Any, Final

from containertask.cli.asking import DEPLOYMENTS, ask
from containertask.kube.errors import ApiError
from containertask.sdk.cluster import Session

Json = dict[str, Any]

SELECTOR: Final = "app.kubernetes.io/part-of=containertask"


async def deployments(session: Session) -> list[Json] | None:
    """Return the operator's Deployments, in whatever namespace; None where they may not be seen."""
    try:
        found = await ask(session, DEPLOYMENTS.path(), {"labelSelector": SELECTOR})
    except ApiError:
        return None
    return list(found.get("items") or ())
