"""Refusals of the fake server, as exceptions that become Status objects."""

from __future__ import annotations

from typing import Any


class RefusalError(Exception):
    """The server says no, in the words of a real one."""

    def __init__(self, code: int, reason: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def status(self) -> dict[str, Any]:
        """Return the Status object."""
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "details": self.details,
            "code": self.code,
        }


def not_found(plural: str, name: str) -> RefusalError:
    """Refuse because there is no such object."""
    return RefusalError(404, "NotFound", f'{plural} "{name}" not found', name=name, kind=plural)


def already_exists(plural: str, name: str) -> RefusalError:
    """Refuse because there is one of that name."""
    return RefusalError(409, "AlreadyExists", f'{plural} "{name}" already exists', name=name, kind=plural)


def conflict(plural: str, name: str, why: str) -> RefusalError:
    """Refuse because a precondition does not hold."""
    message = f'Operation cannot be fulfilled on {plural} "{name}": {why}'
    return RefusalError(409, "Conflict", message, name=name, kind=plural)


def immutable(plural: str, name: str, field: str) -> RefusalError:
    """Refuse because a field never changes."""
    return RefusalError(422, "Invalid", f'{plural} "{name}" is invalid: {field}: field is immutable')


def bad_request(why: str) -> RefusalError:
    """Refuse because the request makes no sense."""
    return RefusalError(400, "BadRequest", why)


def expired(why: str) -> RefusalError:
    """Refuse because the version asked for is forgotten."""
    return RefusalError(410, "Expired", why)
