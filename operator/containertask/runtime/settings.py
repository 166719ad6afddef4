"""Settings of the operator's process, read once from the environment; the chart writes it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from containertask.api.clocks import duration_seconds
from containertask.core.config import Config, PodSecurity
from containertask.runtime.offers import as_object, read_accelerators, read_allow, read_interruptible

T = TypeVar("T")

PREFIX: Final = "CONTAINERTASK_"
_LISTEN: Final = re.compile(r"(?P<host>[^:]*|\[[^\]]*\]):(?P<port>[0-9]{1,5})")
_LAST_PORT: Final = 65_535
_LAST_USER: Final = 2**31 - 1
_NAMESPACE: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PULL_POLICIES: Final = ("Always", "IfNotPresent", "Never")
_LEVELS: Final = ("debug", "info", "warning", "error")
_FORMATS: Final = ("text", "json")


class SettingsError(ValueError):
    """The environment says something that cannot be; the message names the variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that is decided before the process starts."""

    config: Config
    namespaces: tuple[str, ...]
    """Namespaces to work in; none is all of them."""
    lease_namespace: str
    identity: str
    """Pod name and uid: the same after the container was restarted."""
    host: str
    port: int
    log_level: str
    log_format: str


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: a variable is missing or cannot be read.
    """
    read = _Reader(environment)
    host, port = read.value("LISTEN", ":8080", _address)
    return Settings(
        config=_config(read),
        namespaces=read.value("NAMESPACES", "", _names),
        lease_namespace=read.value("POD_NAMESPACE", "default", str),
        identity=_identity(read),
        host=host,
        port=port,
        log_level=read.value("LOG_LEVEL", "info", _one_of(_LEVELS)),
        log_format=read.value("LOG_FORMAT", "text", _one_of(_FORMATS)),
    )


def _identity(read: _Reader) -> str:
    """Outside of a Pod every process is one of its own: two with one identity would both lead."""
    name, uid = read.value("POD_NAME", "", str), read.value("POD_UID", "", str)
    return f"{name}_{uid}" if name and uid else f"{name or 'operator'}_{uuid.uuid4()}"


def _config(read: _Reader) -> Config:
    defaults = Config(image="")
    return Config(
        image=read.value("IMAGE", None, _something),
        image_pull_policy=read.value("IMAGE_PULL_POLICY", "", _one_of(("", *_PULL_POLICIES))) or None,
        copilot_uid=read.value("COPILOT_UID", "65532", _user),
        pod_security=read.value("POD_SECURITY", "Baseline", PodSecurity),
        default_ttl=read.value("DEFAULT_TTL", "168h", lambda text: duration_seconds(text) if text else None),
        image_pull_grace=read.value("IMAGE_PULL_GRACE", "3m", duration_seconds),
        node_lost_grace=read.value("NODE_LOST_GRACE", "5m", duration_seconds),
        download_timeout=read.value("DOWNLOAD_TIMEOUT", "30m", duration_seconds),
        upload_timeout=read.value("UPLOAD_TIMEOUT", "30m", duration_seconds),
        copilot_requests=read.value("COPILOT_REQUESTS", "", as_object) or defaults.copilot_requests,
        copilot_limits=read.value("COPILOT_LIMITS", "", as_object) or defaults.copilot_limits,
        interruptible=read.value("INTERRUPTIBLE", "", read_interruptible),
        accelerators=read.value("ACCELERATORS", "", read_accelerators),
        allow=read.value("ALLOW", "", read_allow),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    environment: Mapping[str, str]

    def value(self, name: str, default: str | None, parse: Callable[[str], T]) -> T:
        text = self.environment.get(PREFIX + name, default)
        if text is None:
            raise SettingsError(f"{PREFIX}{name} is not set")
        try:
            return parse(text)
        except ValueError as error:
            raise SettingsError(f"{PREFIX}{name}={text!r}: {error}") from None


def _something(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _names(text: str) -> tuple[str, ...]:
    """Read names with commas between them. Kopf would take ``*`` and ``!`` for patterns, others would not."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if not _NAMESPACE.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a namespace")
    return names


def _address(text: str) -> tuple[str, int]:
    found = _LISTEN.fullmatch(text)
    if found is None or int(found["port"]) > _LAST_PORT:
        raise ValueError(f"write HOST:PORT, or :PORT for every address; ports end at {_LAST_PORT}")
    return found["host"].strip("[]") or "0.0.0.0", int(found["port"])  # noqa: S104 - what :PORT means


def _user(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) > _LAST_USER:
        raise ValueError("write a user's number, or nothing to leave it to the cluster")
    return int(text)


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"write one of {', '.join(filter(None, words))}")
        return text

    return parse
