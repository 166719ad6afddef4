"""A kube-apiserver in the test's own event loop: as much of one as the operator's component tests need.

No etcd, no admission, no schemas, no rights, no field managers: what those do is for the integration tests.
"""

from support.fakeapi.faults import Answer, DropAfter, DropBefore, Faults, Hold
from support.fakeapi.kinds import KINDS, Kind
from support.fakeapi.raw import Raw
from support.fakeapi.recording import Request
from support.fakeapi.refusals import RefusalError
from support.fakeapi.running import with_api
from support.fakeapi.server import FakeApi
from support.fakeapi.store import Change, Store

__all__ = [
    "KINDS",
    "Answer",
    "Change",
    "DropAfter",
    "DropBefore",
    "FakeApi",
    "Faults",
    "Hold",
    "Kind",
    "Raw",
    "RefusalError",
    "Request",
    "Store",
    "with_api",
]
