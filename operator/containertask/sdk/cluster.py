"""Which cluster, as whom, and in which namespace: what a kubeconfig says, or the Pod that this runs in.

It opens connections and closes them; what is asked is the callers' matter. Nothing here logs a credential.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from containertask import errors
from containertask.kube import auth
from containertask.kube import errors as kube
from containertask.kube.client import ApiClient
from containertask.kube.patient import PatientClient
from containertask.kube.watch import Watcher
from containertask.sdk.wording import kind_of

_ABSENT: Final = "is the operator installed, and the name right?"


@dataclass(frozen=True, slots=True)
class Session:
    """Open connections to one cluster."""

    api: ApiClient
    watcher: Watcher
    credentials: auth.Credentials


class Cluster:
    """A cluster, as a kubeconfig knows it.

    Args:
        kubeconfig: file to read. Default: ``KUBECONFIG``, else the user's own; inside a Pod its account.
        context: of the kubeconfig. Default: the current one.
        namespace: of tasks. Default: that of the context, or of the Pod.
    """

    def __init__(
        self, *, kubeconfig: str | None = None, context: str | None = None, namespace: str | None = None
    ) -> None:
        self._kubeconfig, self._context, self._namespace = kubeconfig, context, namespace
        self._credentials: auth.Credentials | None = None
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Callable[[], Cluster], tuple[()]]:
        # No credential is in a copy or a pickle: each reads it again.
        where = {"kubeconfig": self._kubeconfig, "context": self._context, "namespace": self._namespace}
        return partial(Cluster, **where), ()

    def __repr__(self) -> str:
        return f"Cluster(context={self._context!r}, namespace={self._namespace!r})"

    @property
    def namespace(self) -> str:
        """Namespace of tasks. Raises UnreachableError where no configuration can be read."""
        if self._namespace is None:
            with translated():
                self._namespace = auth.namespace(kubeconfig=self._kubeconfig, context=self._context)
        return self._namespace

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Give connections for the length of a block.

        What the API server says no to comes out as a class of ``containertask.errors``.
        """
        with translated():
            credentials = await asyncio.to_thread(self._load)
            made = Session(PatientClient(credentials), Watcher(credentials), credentials)
            try:
                yield made
            finally:
                await made.api.close()
                await made.watcher.close()

    def _load(self) -> auth.Credentials:
        with self._lock:
            if self._credentials is None:
                self._credentials = auth.load(kubeconfig=self._kubeconfig, context=self._context)
            return self._credentials


@contextmanager
def translated() -> Iterator[None]:
    """Turn what ``kube`` raises into what users are told."""
    try:
        yield
    except kube.ApiError as error:
        raise _translated(error) from None


def _translated(error: kube.ApiError) -> errors.ClusterError:
    match error:
        case kube.NoCredentials():
            return errors.UnreachableError(f"no cluster is configured: {error}")
        case kube.Unauthorized():
            return errors.ForbiddenError(f"the cluster does not accept the credential: {error.message}")
        case kube.Forbidden():
            return errors.ForbiddenError(error.message)
        case kube.NotFound():
            return errors.NotFoundError(f"{error.message}: {_ABSENT}")
        case kube.AlreadyExists() | kube.Conflict():
            return errors.ConflictError(error.message)
        case kube.Invalid():
            return errors.RefusedError(error.message)
        case kube.ApiStatusError() if error.by_webhook:
            return errors.RefusedError(error.message)
        case kube.ApiStatusError():
            return errors.UnreachableError(f"the API server is in trouble: {error}")
    return errors.UnreachableError(f"the API server does not answer: {error}")


_current: Final[ContextVar[Cluster | None]] = ContextVar("cluster", default=None)
_default: Final[dict[str, Any]] = {}


def current() -> Cluster:
    """Return the cluster of the innermost ``use``, else that of the kubeconfig."""
    found = _current.get()
    if found is not None:
        return found
    made: Cluster = _default.setdefault("cluster", Cluster())
    return made


def checked_cluster(given: object) -> Cluster:
    """Return the cluster that is given, None as the one that is meant then. Raises TypeError."""
    if given is not None and not isinstance(given, Cluster):
        raise TypeError(f"cluster is {kind_of(given)}: write a Cluster, and inputs by name, such as a=3")
    return given or current()


@contextmanager
def use(cluster: Cluster) -> Iterator[Cluster]:
    """Have all calls of a block mean this cluster, where none is given."""
    token = _current.set(cluster)
    try:
        yield cluster
    finally:
        _current.reset(token)
