"""Reading the spec of a template in Python: as that of a task, of which inputs may lack values."""

from __future__ import annotations

from containertask.api.parse import SpecError, read_model
from containertask.api.templates import ContainerTaskTemplateSpec
from containertask.api.verify import verify


def parse_template(raw: object) -> ContainerTaskTemplateSpec:
    """Read ``spec`` of either kind of template as it stands in YAML or JSON, and verify it.

    Raises:
        SpecError: everything that is wrong with it; what verify finds only if nothing else is wrong.
    """
    spec = read_model(ContainerTaskTemplateSpec, raw, "write image, command, …")
    if problems := verify(spec):
        raise SpecError(problems)
    return spec
