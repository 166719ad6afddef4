"""Which stores a task uses: the one that keeps what it leaves, and those of its URIs and destinations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.api.reasons import Reason
from containertask.contract.stores import Credentials, StoreItem, WebPlace
from containertask.contract.uris import below, route
from containertask.core.accept import Accepted, accept
from containertask.core.stores import StoreView
from containertask.core.storeshelf import MAX_STORES, Forbidden, Lacking
from containertask.core.storeuse import Found, Use, use_of
from support.builders import a_task
from support.builders.tasks import TaskBuilder
from support.storespecs import s3
from support.storeviews import bucket, claim, of_cluster, own, web

FOLDER = "lab/demo-0a1b2c3d/"
FILE = a_task().with_output("y", "file")
VALUES = a_task()


def use(task: TaskBuilder, *stores: StoreView, uris: tuple[str, ...] = ()) -> Found:
    view = task.view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted), accepted
    needs = accepted.needs
    return use_of(view, accepted.spec, stores, replace(needs, fetched=[*needs.fetched, *uris]))


def used(task: TaskBuilder, *stores: StoreView, uris: tuple[str, ...] = ()) -> Use:
    found = use(task, *stores, uris=uris)
    assert isinstance(found, Use), found
    return found


def refused(task: TaskBuilder, *stores: StoreView, uris: tuple[str, ...] = ()) -> tuple[str, str]:
    found = use(task, *stores, uris=uris)
    assert isinstance(found, Lacking | Forbidden), found
    waits = found.reason in {Reason.STORE_NOT_FOUND, Reason.STORE_INVALID}
    assert isinstance(found, Lacking) is waits, found
    return found.reason.value, found.message


def ref(name: str, kind: str = "ArtifactStore") -> dict[str, str]:
    return {"kind": kind, "name": name}


INVALID = own("default", {})
DEFAULT, SHARED = own("default", bucket("mine")), of_cluster("default", bucket("shared", "p"))
OTHER = own("other", bucket("other"))


@dataclass(frozen=True)
class Kept:
    """A task, the stores there are, and the folder of what it leaves, or the reason why it has none."""

    task: TaskBuilder
    stores: tuple[StoreView, ...]
    found: str | None
    says: str = ""


KEEPERS = {
    "no store, and none is needed": Kept(VALUES, (), None),
    "no store, and one is needed": Kept(
        FILE, (), "StoreNotFound", "output `y` of type file needs a store, and there is none"
    ),
    "one of another name, and none is named": Kept(FILE, (OTHER,), "StoreNotFound", "named default"),
    "the namespace's default": Kept(VALUES, (DEFAULT,), f"s3://mine/{FOLDER}"),
    "the cluster's default": Kept(VALUES, (SHARED,), f"s3://shared/p/{FOLDER}"),
    "the namespace's before the cluster's": Kept(FILE, (SHARED, DEFAULT), f"s3://mine/{FOLDER}"),
    "an invalid one of the namespace before a good one of the cluster": Kept(
        VALUES, (SHARED, INVALID), "StoreInvalid", "ArtifactStore default is invalid: spec"
    ),
    "the one that is named": Kept(FILE.spec(storeRef=ref("other")), (DEFAULT, OTHER), f"s3://other/{FOLDER}"),
    "one that is named and not there": Kept(
        VALUES.spec(storeRef=ref("none")),
        (DEFAULT,),
        "StoreNotFound",
        "no ArtifactStore none in namespace lab",
    ),
    "one of the cluster that is named and not there": Kept(
        VALUES.spec(storeRef=ref("other", "ClusterArtifactStore")),
        (OTHER,),
        "StoreNotFound",
        "no ClusterArtifactStore other: create it",
    ),
    "one that is named and invalid": Kept(
        VALUES.spec(storeRef=ref("x")), (own("x", {"s3": {}}),), "StoreInvalid", "ArtifactStore x is invalid"
    ),
    "the web as the default, and none is needed": Kept(VALUES, (own("default", web("h.org")),), None),
    "the web as the default, and one is needed": Kept(
        FILE, (own("default", web("h.org")),), "StoreInvalid", "can only be read"
    ),
    "the web by its name": Kept(
        VALUES.spec(storeRef=ref("w")), (own("w", web("h.org")),), "StoreInvalid", "can only be read"
    ),
    "a claim": Kept(FILE, (own("default", claim(sub_path="a")),), f"pvc://c/a/{FOLDER}"),
    "a claim to read from, and none is needed": Kept(VALUES, (own("default", claim(read_only=True)),), None),
    "a claim to read from, and one is needed": Kept(
        FILE, (own("default", claim(read_only=True)),), "StoreInvalid", "can only be read"
    ),
    "a prefix of the task's own": Kept(
        VALUES.spec(storePrefix="trials/7"), (SHARED,), "s3://shared/p/lab/trials/7/demo-0a1b2c3d/"
    ),
    "all files have destinations, and there is no default": Kept(
        a_task().with_output("y", "file", destination="s3://other/y"), (OTHER,), None
    ),
    "a folder that lies in a claim to read from": Kept(
        FILE,
        (own("default", claim()), own("x", claim(sub_path="lab", read_only=True))),
        "StoreInvalid",
        "the task's folder lies in a store that can only be read",
    ),
}


@pytest.mark.parametrize("name", KEEPERS)
def test_what_a_task_leaves_is_kept_there(name: str) -> None:
    row = KEEPERS[name]
    if row.found is not None and "://" not in row.found:
        reason, message = refused(row.task, *row.stores)
        assert reason == row.found
        assert row.says in message
        return
    found = used(row.task, *row.stores)
    assert found.folder == row.found
    if found.folder is not None:
        keeper = route([one.item for one in found.stores], found.folder)
        assert keeper is not None
        assert found.uploads == {keeper.id}


@dataclass(frozen=True)
class Read:
    """A URI, the stores there are, and what serves it: a folder of the store, or the reason why nothing."""

    uri: str
    stores: tuple[StoreView, ...]
    found: str
    says: str = ""
    credentials: Credentials = Credentials.SECRET


ALL, PART = own("all", bucket("bkt")), own("part", bucket("bkt", "p/q"))
CONFINED = of_cluster("company", bucket("bkt", "tasks", allowedPrefixes=["public/models", "x"]))
URIS = {
    "a store of the bucket": Read("s3://bkt/k", (ALL,), "s3://bkt"),
    "the longest prefix": Read("s3://bkt/p/q/k", (ALL, PART), "s3://bkt/p/q"),
    "the longest prefix, whatever the order": Read("s3://bkt/p/q/k", (PART, ALL), "s3://bkt/p/q"),
    "a name that only begins like a prefix": Read("s3://bkt/p/qq", (ALL, PART), "s3://bkt"),
    "nothing but a name that begins like a prefix": Read(
        "s3://bkt/p/qq", (PART,), "s3://bkt", credentials=Credentials.ANONYMOUS
    ),
    "another bucket": Read("s3://bb/k", (ALL,), "s3://bb", credentials=Credentials.ANONYMOUS),
    "another protocol": Read("gs://b/k", (ALL,), "gs://b", credentials=Credentials.ANONYMOUS),
    "Azure of nobody": Read("az://acc/box/k", (), "az://acc/box", credentials=Credentials.ANONYMOUS),
    "an invalid store is none": Read(
        "s3://bkt/k",
        (own("all", {"s3": {"bucket": "bkt", "prefix": "/"}}),),
        "s3://bkt",
        "",
        Credentials.ANONYMOUS,
    ),
    "the namespace's before the cluster's": Read(
        "s3://bkt/tasks/lab/k", (ALL, CONFINED), "s3://bkt/tasks/lab"
    ),
    "the cluster's own folder of the namespace": Read(
        "s3://bkt/tasks/lab/k", (CONFINED,), "s3://bkt/tasks/lab"
    ),
    "what the cluster allows to all": Read("s3://bkt/public/models/m", (CONFINED,), "s3://bkt/public/models"),
    "another namespace's folder": Read(
        "s3://bkt/tasks/team/k",
        (CONFINED,),
        "StoreForbidden",
        "s3://bkt: ClusterArtifactStore company lets namespace lab use only s3://bkt/tasks/lab/, "
        "s3://bkt/public/models/, s3://bkt/x/",
    ),
    "a namespace whose name begins like ours": Read("s3://bkt/tasks/labs/k", (CONFINED,), "StoreForbidden"),
    "the folder of all namespaces": Read("s3://bkt/tasks", (CONFINED,), "StoreForbidden"),
    "beside the cluster's folder": Read(
        "s3://bkt/elsewhere", (CONFINED,), "s3://bkt", credentials=Credentials.ANONYMOUS
    ),
    "what the cluster's store forbids, the namespace's allows": Read(
        "s3://bkt/tasks/team/k", (ALL, CONFINED), "s3://bkt"
    ),
    "what is allowed to all is as long as it is, not as the folder beside it": Read(
        "s3://bkt/x/y", (own("xy", bucket("bkt", "x/y")), CONFINED), "s3://bkt/x/y"
    ),
    "a way out by dots": Read("s3://bkt/tasks/lab/../team/k", (CONFINED,), "InvalidInput", "lead elsewhere"),
    "a claim": Read("pvc://c/k", (own("c", claim()),), "pvc://c", credentials=Credentials.ANONYMOUS),
    "a claim to read from": Read(
        "pvc://c/k", (own("c", claim(read_only=True)),), "pvc://c", credentials=Credentials.ANONYMOUS
    ),
    "a claim of no store": Read("pvc://c/k", (ALL,), "StoreNotFound", "with pvc.claimName c"),
    "a claim beside the folder of its store": Read(
        "pvc://c/k", (own("c", claim(sub_path="a")),), "StoreNotFound", "no store is the claim c"
    ),
    "no URI at all": Read("nonsense", (ALL,), "InvalidInput", "scheme"),
}


@pytest.mark.parametrize("name", URIS)
def test_a_uri_belongs_to_this_store(name: str) -> None:
    row = URIS[name]
    if "://" not in row.found:
        reason, message = refused(VALUES, *row.stores, uris=(row.uri,))
        assert reason == row.found
        assert row.says in message
        return
    found = used(VALUES, *row.stores, uris=(row.uri,))
    (store,) = found.stores
    assert row.found in store.item.serves
    assert found.downloads == {store.item.id}
    assert not found.uploads
    assert store.item.credentials is row.credentials
    assert (store.secret is not None) is (row.credentials is Credentials.SECRET)


def test_the_web_by_host_and_one_store_of_nobody_for_all_others() -> None:
    found = used(
        VALUES,
        own("w", web("h.org", "*.h.org")),
        own("w2", web("a.h.org")),
        uris=("https://h.org/x", "https://a.h.org/x", "https://x.org/x", "http://y.org:8080/x"),
    )
    places = [one.item.place for one in found.stores]
    assert places == [WebPlace(hosts=("h.org", "*.h.org")), WebPlace(hosts=("a.h.org",)), WebPlace()]
    assert [one.secret for one in found.stores] == ["key", "key", None]


DESTINED = a_task().with_output("y", "file", destination="s3://bkt/tasks/lab/y")


@pytest.mark.parametrize(
    ("stores", "reason", "says"),
    [
        ((), "StoreNotFound", "output `y` lies in no store: create an ArtifactStore for s3://bkt"),
        ((of_cluster("c", bucket("bkt", "else")),), "StoreNotFound", "lies in no store"),
        ((of_cluster("c", bucket("bkt")),), "StoreForbidden", "lets namespace lab use only s3://bkt/lab/"),
    ],
)
def test_a_destination_is_in_a_store_that_lets_the_task_write(
    stores: tuple[StoreView, ...], reason: str, says: str
) -> None:
    found = refused(DESTINED, *stores)
    assert found[0] == reason
    assert says in found[1]


def test_a_destination_in_a_claim_to_read_from_is_found_before_the_command_runs() -> None:
    task = a_task().with_output("y", "file", destination="pvc://c/y")
    assert refused(task, own("c", claim(read_only=True)))[0] == "StoreInvalid"


def test_downloader_and_uploader_have_each_what_it_needs() -> None:
    task = FILE.with_output("z", "file", destination="s3://zzz/z").with_uri("a", "s3://aaa/a")
    found = used(task, DEFAULT, own("z", bucket("zzz")), own("a", bucket("aaa")))
    names = {one.item.id: one.item.serves[0] for one in found.stores}
    assert {names[one] for one in found.uploads} == {"s3://mine", "s3://zzz"}
    assert {names[one] for one in found.downloads} == {"s3://aaa"}


def test_one_store_has_one_id_however_often_it_is_used() -> None:
    task = FILE.with_uri("a", "s3://mine/a").with_uri("b", "s3://mine/b").with_uri("c", "s3://none/c")
    found = used(task.with_uri("d", "s3://none/d"), DEFAULT)
    assert [one.item.id for one in found.stores] == ["s0", "s1"]


def test_sixteen_stores_and_no_more() -> None:
    uris = tuple(f"s3://b{number}/k" for number in range(MAX_STORES + 1))
    assert len(used(VALUES, uris=uris[:-1]).stores) == MAX_STORES
    reason, message = refused(VALUES, uris=uris)
    assert reason == "InvalidSpec"
    assert f"more than {MAX_STORES} stores" in message


def test_what_stores_say_of_themselves_has_room_in_the_pod() -> None:
    long = [f"{'x' * 500}{number:02}" for number in range(64)]
    stores = [of_cluster(f"c{one}", bucket(f"bkt{one}", allowedPrefixes=long)) for one in range(2)]
    assert used(VALUES, stores[0], uris=("s3://bkt0/lab/k",)).stores
    reason, message = refused(VALUES, *stores, uris=("s3://bkt0/lab/k", "s3://bkt1/lab/k"))
    assert reason == "InvalidSpec"
    assert "at most 65536 do" in message


def test_limits_and_authorities_come_with_a_store() -> None:
    spec = {
        **s3(endpoint="https://minio:9000"),
        "limits": {"maxObjectSize": "1Gi", "maxObjects": 7},
        "tls": {"caConfigMap": {"name": "company", "key": "ca.crt"}},
    }
    (store,) = used(VALUES, own("default", spec)).stores
    assert (store.item.max_object_bytes, store.item.max_objects) == (2**30, 7)
    assert (store.item.ca, store.authorities, store.secret) == ("ca.crt", "company", None)
    assert store.item.credentials is Credentials.POD_IDENTITY


# --- The copilot, which knows only what is used, comes to the same -----------------------------------

PATHS = st.lists(st.sampled_from(["lab", "labs", "a", "b"]), max_size=3).map("/".join)
PREFIXES = PATHS.map(lambda path: path or None)
BUCKETS = st.sampled_from(["one", "two"])


@dataclass
class Names:
    count: int = field(default=0)

    def next(self) -> str:
        self.count += 1
        return f"n{self.count}"


@st.composite
def stores_of(draw: st.DrawFn) -> tuple[StoreView, ...]:
    names = Names()
    found: list[StoreView] = []
    for _ in range(draw(st.integers(0, 5))):
        spec = bucket(draw(BUCKETS) * 3, draw(PREFIXES))
        if draw(st.booleans()):
            found.append(own(names.next(), spec))
        else:
            prefixes = [one for one in draw(st.lists(PATHS, max_size=3)) if one]
            found.append(of_cluster(names.next(), {**spec, "allowedPrefixes": prefixes}))
    has_default: bool = draw(st.booleans())
    if found and has_default:
        found[0] = (own if found[0].namespace else of_cluster)("default", bucket("one" * 3, draw(PREFIXES)))
    hosts = st.lists(st.sampled_from(["h.org", "*.h.org", "a.h.org", "h.org:80"]), min_size=1, max_size=2)
    found += [own(names.next(), web(*draw(hosts))) for _ in range(draw(st.integers(0, 2)))]
    order: list[StoreView] = draw(st.permutations(found))
    return tuple(order)


URI = st.builds(lambda root, path: f"s3://{root * 3}/{path}", BUCKETS, PATHS) | st.sampled_from(
    ["https://h.org/x", "http://a.h.org/x", "https://b.h.org/", "https://else.org", "http://h.org/y"]
)


def items(found: Use) -> list[StoreItem]:
    return [one.item for one in found.stores]


def are_apart(paths: list[str]) -> bool:
    return not any(
        below(one, other) or below(other, one) or not (one and other) for one, other in combinations(paths, 2)
    )


@given(stores_of(), st.lists(URI, max_size=5), st.lists(PATHS, max_size=2).filter(are_apart))
def test_the_copilot_goes_where_the_operator_let_it(
    stores: tuple[StoreView, ...], uris: list[str], destinations: list[str]
) -> None:
    task = a_task()
    for number, path in enumerate(destinations):
        task = task.with_output(f"y{number}", "directory", destination=f"s3://oneoneone/{path}")
    found = use(task, *stores, uris=tuple(uris))
    if not isinstance(found, Use):
        return
    for uri in uris:
        store = route(items(found), uri)
        assert store is not None
        assert store.id in found.downloads, uri
    written = [f"s3://oneoneone/{path}" for path in destinations]
    for uri in [*written, *([found.folder] if found.folder else [])]:
        store = route(items(found), uri)
        assert store is not None
        assert store.id in found.uploads, uri
        assert store.credentials is Credentials.SECRET
    assert found == use(task, *reversed(stores), uris=tuple(uris))


@given(stores_of(), URI)
def test_nobody_reaches_through_a_store_of_the_cluster_what_is_not_allowed(
    stores: tuple[StoreView, ...], uri: str
) -> None:
    shared = [one for one in stores if not one.namespace and one.name != "default"]
    found = use(VALUES, *shared, uris=(uri,))
    if isinstance(found, Use) and (store := route(items(found), uri)) is not None and store.serves:
        assert any(below(uri, folder) for folder in store.serves)
        if store.credentials is Credentials.SECRET:
            allowed = {prefix for one in shared for prefix in getattr(one.spec, "allowed_prefixes", ())}
            parts = uri.removeprefix("s3://").partition("/")[2]
            assert "lab" in parts.split("/") or any(below(parts, one) for one in allowed)


def test_a_folder_that_leaves_no_room_for_keys_is_found_before_the_command_runs() -> None:
    store = own("default", bucket("bkt", "/".join(["n" * 100] * 5)))
    assert isinstance(use(FILE.spec(storePrefix="p" * 200), store), Use)
    found = use(FILE.spec(storePrefix="p" * 255), store)
    assert isinstance(found, Forbidden)
    assert found.reason is Reason.INVALID_SPEC
    assert "would begin with 779 bytes" in found.message
    assert "shorten storePrefix" in found.message
