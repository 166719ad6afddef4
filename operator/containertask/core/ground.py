"""What a Pod stands on before our own parts go over it: its overlays, and what its accelerators need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from containertask.api.spec import ContainerTaskSpec
from containertask.core.accelerators import Needs, needs
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.overlay import merge_deep
from containertask.core.template import Overlay, overlay_of

Json = dict[str, Any]

_IDENTITY: Final = ("runAsUser", "runAsGroup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ground of one attempt's Pod."""

    overlay: Overlay
    needs: Needs | None
    security: Json
    """The security context that ``main`` is wanted to have."""

    @property
    def pod_security(self) -> Json:
        """Return the security context of the whole Pod."""
        found: Json = self.overlay.spec.get("securityContext", {})
        return found

    @property
    def user(self) -> Json:
        """Return as whom ``main`` runs, as far as that is said."""
        both = {**self.pod_security, **self.security}
        return {name: both[name] for name in _IDENTITY if both.get(name) is not None}


def ground_of(spec: ContainerTaskSpec, attempt: Attempt, config: Config) -> Ground:
    """Return the ground of an attempt's Pod.

    Raises:
        UnbuildableError: the PodTemplate, or the accelerator, is none that can be used.
    """
    overlay = overlay_of(spec, attempt.template)
    base = overlay.main.get("securityContext", {})
    return Ground(
        overlay=overlay, needs=needs(spec, config), security=merge_deep(base, spec.security_context or {})
    )
