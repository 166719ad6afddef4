"""A run: one ContainerTask of a cluster, sent or not, and what can be asked and wanted of it.

Each method has an ``_async`` twin that does the same for who has an event loop. A run knows the object by its
name; what it says is always what the cluster says now.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from typing import Any, Final

from containertask.errors import InvalidTaskError, NotFoundError
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.building import OutputRef
from containertask.sdk.cluster import Cluster, checked_cluster, current
from containertask.sdk.ended import failure_of, in_time
from containertask.sdk.fetching import fetcher, stored_value
from containertask.sdk.following import states
from containertask.sdk.hooks import awaited
from containertask.sdk.outputs import Outputs
from containertask.sdk.parts import checked_name
from containertask.sdk.results import outputs_of
from containertask.sdk.runlog import lines_of
from containertask.sdk.sending import Order, send
from containertask.sdk.status import RunStatus
from containertask.sdk.threads import in_thread
from containertask.sdk.wording import nearest

Json = dict[str, Any]
Post = Callable[[Outputs], Awaitable[Any]]

_CANCEL: Final[Json] = {"spec": {"cancel": True}}


class Run:
    """One run of a task on a cluster. ``run["area"]`` is its output as an input of another task.

    Made by ``task.submit()``, ``task.prepare()``, ``Run.get()`` and ``runs()``.

    Args:
        order: what is to be sent; of a run that is there already, its object alone.
        cluster: where.
        outputs: Python's types of the outputs by name, None where only the object knows.
        post: what makes of the outputs what ``wait`` returns.
        sent: whether the object is there already.
    """

    def __init__(
        self,
        order: Order,
        cluster: Cluster,
        *,
        outputs: Mapping[str, object] | None = None,
        post: Post | None = None,
        sent: bool = False,
    ) -> None:
        self._order, self._cluster = order, cluster
        self._annotations, self._post = outputs, post
        self._sent = sent
        self._found: list[Any] = []  # what wait has returned, once

    def __repr__(self) -> str:
        return f"Run({self.name!r})" if self._sent else f"Run({self.name!r}, unsent)"

    @property
    def name(self) -> str:
        """Name of the ContainerTask."""
        name: str = self._order.document["metadata"]["name"]
        return name

    @property
    def namespace(self) -> str:
        """Namespace of the ContainerTask."""
        return self._order.document["metadata"].get("namespace") or self._cluster.namespace

    @property
    def sent(self) -> bool:
        """Tell whether the cluster has it."""
        return self._sent

    @property
    def manifest(self) -> Json:
        """The object, as it was or would be sent."""
        return self._order.document

    def __getitem__(self, output: str) -> OutputRef:
        """Return an output as an input of another task. Raises KeyError."""
        declared = [one["name"] for one in self._order.document["spec"].get("outputs", ())]
        if self._annotations is not None and not declared:
            declared = list(self._annotations)
        if declared and output not in declared:
            raise KeyError(f"there is no output {output}: {nearest(output, declared)}")
        return OutputRef(self.name, output, source=self)

    # --- Sending ---

    def submit(self) -> Run:
        """Send it, and before it the runs that it takes outputs of; one that is sent stays as it is.

        Raises ClusterError, TransferError.
        """
        return loop.run(self.submit_async())

    async def submit_async(self) -> Run:
        """Do what ``submit`` does."""
        if self._sent:
            return self
        for one in self._order.sources:
            await one.submit_async()
        async with self._cluster.session() as session:
            self._order = await send(session, self._order, self.namespace)
        self._sent = True
        return self

    # --- Asking ---

    @classmethod
    def get(cls, name: str, cluster: Cluster | None = None) -> Run:
        """Return a run that is there. Raises TypeError, NotFoundError or another ClusterError."""
        return loop.run(cls.get_async(name, cluster or current()))

    @classmethod
    async def get_async(cls, name: str, cluster: Cluster | None = None) -> Run:
        """Do what ``get`` does."""
        where = checked_cluster(cluster)
        checked_name(name)
        async with where.session() as session:
            return cls.of(await session.api.get(TASKS, where.namespace, name), where)

    @classmethod
    def of(cls, document: Json, cluster: Cluster) -> Run:
        """Return the run that an object of the cluster is."""
        return cls(Order(document), cluster, sent=True)

    def status(self) -> RunStatus:
        """Return where it stands now. Raises ClusterError."""
        return loop.run(self.status_async())

    async def status_async(self) -> RunStatus:
        """Do what ``status`` does."""
        self._must_be_sent()
        async with self._cluster.session() as session:
            return RunStatus.of(await session.api.get(TASKS, self.namespace, self.name))

    def watch(self) -> Iterator[RunStatus]:
        """Yield where it stands, and again after each change, until it has ended. Raises ClusterError."""
        return loop.iterate(self.watch_async())

    async def watch_async(self) -> AsyncGenerator[RunStatus, None]:
        """Do what ``watch`` does."""
        self._must_be_sent()
        async with (
            self._cluster.session() as session,
            aclosing(states(session, TASKS, self.namespace, self.name)) as found,
        ):
            async for document in found:
                status = RunStatus.of(document)
                yield status
                if status.finished:
                    return

    def wait(self, timeout: float | None = None) -> Outputs:
        """Return the outputs as soon as it has ended well.

        Args:
            timeout: seconds; 0 for no more than one look, None for as long as it takes.

        Raises:
            TypeError: that is no number.
            TaskFailedError: it has ended otherwise.
            WaitTimeoutError: it has not ended in time; it goes on.
            ClusterError: the cluster did not answer, or the object is gone.
        """
        return loop.run(self.wait_async(timeout))

    async def wait_async(self, timeout: float | None = None) -> Outputs:  # noqa: ASYNC109 - the same as wait
        """Do what ``wait`` does."""
        if not self._found:
            status = await in_time(self.name, timeout, self._end, self.status_async)
            if not status.succeeded:
                raise await failure_of(self._cluster, self.namespace, self.name, status)
            fetch = fetcher(self._cluster, self.namespace)
            told = (status.raw, self._annotations, stored_value(fetch), fetch)
            found = await in_thread(outputs_of, *told)
            self._found.append(found if self._post is None else await awaited(self._post(found), "post"))
        return self._found[0]  # type: ignore[no-any-return]

    @property
    def outputs(self) -> Outputs:
        """The outputs: waits for them as ``wait`` does."""
        return self.wait()

    async def outputs_async(self) -> Outputs:
        """Do what ``outputs`` does."""
        return await self.wait_async()

    def logs(self, *, follow: bool = False, tail: int | None = None) -> Iterator[str]:
        """Yield the lines that the command wrote; with ``follow`` until it has ended, over all attempts.

        Raises NotFoundError where there is no Pod any more, or another ClusterError.
        """
        return loop.iterate(self.logs_async(follow=follow, tail=tail))

    async def logs_async(self, *, follow: bool = False, tail: int | None = None) -> AsyncGenerator[str, None]:
        """Do what ``logs`` does."""
        self._must_be_sent()
        async with self._cluster.session() as session:
            found = lines_of(session, self.namespace, self.name, follow=follow, tail=tail)
            async with aclosing(found) as lines:
                async for line in lines:
                    yield line

    # --- Wanting ---

    def cancel(self) -> None:
        """Have it end, keeping what was written so far; one that has ended stays as it is."""
        loop.run(self.cancel_async())

    async def cancel_async(self) -> None:
        """Do what ``cancel`` does."""
        self._must_be_sent()
        await self.give_up_async()

    async def give_up_async(self) -> None:
        """Cancel it also where nobody knows whether it got there: its sending was given up."""
        async with self._cluster.session() as session:
            await session.api.merge_patch(TASKS, self.namespace, self.name, _CANCEL)

    async def _end(self) -> RunStatus:
        async with aclosing(self.watch_async()) as found:
            async for status in found:
                if status.finished:
                    return status
        raise NotFoundError(f"{self.name} is gone")

    def _must_be_sent(self) -> None:
        if not self._sent:
            raise InvalidTaskError([f"{self.name} is not sent yet: call submit() first"])
