"""What is wrong with one field of a spec."""

from __future__ import annotations

from dataclasses import dataclass

from containertask.api.base import Rule


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: its path as in YAML, and a message that says what would do."""

    field: str
    message: str

    def __str__(self) -> str:
        """Return field and message as one line."""
        return f"{self.field}: {self.message}"


def broken(rule: Rule, where: str) -> Problem:
    """Return the problem that the CRD's rule would name there."""
    return Problem(f"{where}{rule.field_path or ''}", rule.message)
