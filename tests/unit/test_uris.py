"""URIs of what lies in stores: their parts, what is none, and which store one belongs to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.stores import GcsPlace, S3Place, StoreItem, WebPlace
from containertask.contract.uris import Located, UriError, below, host_rank, located, route

GOOD = {
    "s3://b/k": ("s3", "s3://b", "k"),
    "s3://b/a/b/": ("s3", "s3://b", "a/b/"),
    "s3://b": ("s3", "s3://b", ""),
    "s3://b/": ("s3", "s3://b", ""),
    "gs://a.b_c-d/k": ("gs", "gs://a.b_c-d", "k"),
    "az://account/box/a/b": ("az", "az://account/box", "a/b"),
    "az://account/$web/a": ("az", "az://account/$web", "a"),
    "az://account/box": ("az", "az://account/box", ""),
    "pvc://claim/a b/…": ("pvc", "pvc://claim", "a b/…"),
    "s3://b/..a/...": ("s3", "s3://b", "..a/..."),
    "s3://b/a?b#c%2e": ("s3", "s3://b", "a?b#c%2e"),
    "https://h": ("https", "https://h", ""),
    "https://h/": ("https", "https://h", ""),
    "https://h:8443/a//b?c=/..": ("https", "https://h:8443", "a//b?c=/.."),
    "http://[2001:db8::1]:80/a": ("http", "http://[2001:db8::1]:80", "a"),
}


@pytest.mark.parametrize("uri", GOOD)
def test_a_uri_has_these_parts(uri: str) -> None:
    assert located(uri) == Located(*GOOD[uri])


FORM = "it has the form"
BAD = {
    "": "scheme is none of",
    "k": "scheme is none of",
    "file:///etc/passwd": "scheme is none of",
    "S3://b/k": "scheme is none of",
    "s3:/b/k": "scheme is none of",
    "s3://": FORM,
    "s3:///k": FORM,
    "s3://../k": FORM,
    "s3://./k": FORM,
    "s3://b c/k": FORM,
    "s3://intranet#/k": FORM,
    "s3://intranet?/k": FORM,
    "s3://user@b/k": FORM,
    "s3://b:80/k": FORM,
    "s3://b\n/k": FORM,
    "s3://bücher/k": FORM,
    "az://account": FORM,
    "az://account/": FORM,
    "az://evil.org#/box/k": FORM,
    "s3://b//k": "empty name",
    "s3://b/a//b": "empty name",
    "s3://b/a//": "empty name",
    "s3://b/../k": "lead elsewhere",
    "s3://b/a/..": "lead elsewhere",
    "s3://b/a/../": "lead elsewhere",
    "pvc://c/./k": "lead elsewhere",
    "s3://b/a\x00": "control character",
    "s3://b/a\x85b": "control character",
    "https://": FORM,
    "https:///a": FORM,
    "https://h?a=b": FORM,
    "https://evil.org#.good.org/a": FORM,
    "https://evil.org\\.good.org/a": FORM,
    "https://evil.org?.good.org/a": FORM,
    "https://evil.org\uff0f.good.org/a": FORM,
    "https://evil.org%2f.good.org/a": FORM,
    "https://h:port/a": FORM,
    "https://a b/c": FORM,
}


@pytest.mark.parametrize("uri", BAD)
def test_what_is_no_uri_is_told_what_is_wrong(uri: str) -> None:
    with pytest.raises(UriError, match=BAD[uri]):
        located(uri)


@given(st.text(max_size=30) | st.from_regex(r"(s3|gs|az|pvc|https?)://[^\x00]{0,20}", fullmatch=True))
def test_whatever_the_text_it_has_parts_or_is_refused(text: str) -> None:
    try:
        at = located(text)
    except UriError:
        return
    assert text in {f"{at.root}/{at.key}", at.root}
    assert below(text, at.root)


@pytest.mark.parametrize(
    ("uri", "folder", "is_below"),
    [
        ("s3://b/team-a/x", "s3://b/team-a", True),
        ("s3://b/team-a/x", "s3://b/team-a/", True),
        ("s3://b/team-a", "s3://b/team-a/", True),
        ("s3://b/team-a/", "s3://b/team-a", True),
        ("s3://b/team-ab/x", "s3://b/team-a", False),
        ("s3://b/team-a", "s3://b/team-a/x", False),
        ("s3://bb/x", "s3://b", False),
        ("gs://b/x", "s3://b", False),
    ],
)
def test_a_folder_ends_where_its_name_ends(uri: str, folder: str, *, is_below: bool) -> None:
    assert below(uri, folder) is is_below


@pytest.mark.parametrize(
    ("pattern", "url", "fits"),
    [
        ("h.org", "https://h.org/a", True),
        ("h.org", "https://H.Org/a", True),
        ("h.org", "https://h.org:443/a", True),
        ("h.org", "https://h.org:8443/a", False),
        ("h.org:8443", "https://h.org:8443/a", True),
        ("h.org:8443", "https://h.org/a", False),
        ("h.org:80", "http://h.org/a", True),
        ("h.org", "https://x.h.org/a", False),
        ("h.org", "https://xh.org/a", False),
        ("*.h.org", "https://x.h.org/a", True),
        ("*.h.org", "https://x.y.h.org/a", True),
        ("*.h.org", "https://h.org/a", False),
        ("*.h.org", "https://xh.org/a", False),
        ("*.h.org:8443", "https://x.h.org:8443/a", True),
        ("h.org", "https://user@h.org/a", False),
        ("*.h.org", "https://user@x.h.org/a", True),
        ("10.0.0.7", "http://10.0.0.7/a", True),
    ],
)
def test_a_host_fits_by_name_and_port(pattern: str, url: str, *, fits: bool) -> None:
    assert (host_rank(pattern, located(url)) >= 0) is fits


def test_a_host_by_its_name_comes_before_all_below_a_name() -> None:
    at = located("https://a.b.example.org/x")
    ranks = [host_rank(one, at) for one in ("*.example.org", "*.b.example.org", "a.b.example.org")]
    assert ranks == sorted(set(ranks))


def bucket(ident: str, *serves: str) -> StoreItem:
    return StoreItem(id=ident, place=S3Place(bucket="b", region="r"), serves=serves)


def web(ident: str, *hosts: str) -> StoreItem:
    return StoreItem(id=ident, place=WebPlace(hosts=hosts))


STORES = (
    bucket("all", "s3://b"),
    bucket("part", "s3://b/p", "s3://b/q/r"),
    bucket("twin", "s3://b/p"),
    StoreItem(id="google", place=GcsPlace(bucket="b"), serves=("gs://b",)),
    web("hosts", "h.org", "*.h.org"),
    web("any"),
)


@pytest.mark.parametrize(
    ("uri", "store"),
    [
        ("s3://b/x", "all"),
        ("s3://b/p/x", "part"),
        ("s3://b/p", "part"),
        ("s3://b/px", "all"),
        ("s3://b/q/r/x", "part"),
        ("s3://b/q/x", "all"),
        ("gs://b/p/x", "google"),
        ("s3://c/x", None),
        ("https://h.org/x", "hosts"),
        ("https://a.h.org/x", "hosts"),
        ("https://elsewhere.org/x", "any"),
    ],
)
def test_the_longest_folder_decides_and_the_first_of_equals(uri: str, store: str | None) -> None:
    found = route(STORES, uri)
    assert (found.id if found else None) == store


PARTS = st.lists(st.sampled_from(["a", "ab", "b"]), max_size=3).map("/".join)
FOLDERS = st.builds(
    lambda root, path: f"{root}/{path}".rstrip("/"), st.sampled_from(["s3://b", "s3://bb"]), PARTS
)


@given(st.lists(st.lists(FOLDERS, max_size=3).map(tuple), max_size=4), FOLDERS)
def test_no_store_is_chosen_in_none_of_whose_folders_a_uri_is(
    served: list[tuple[str, ...]], uri: str
) -> None:
    stores = [bucket(f"s{number}", *each) for number, each in enumerate(served)]
    found, parts = route(stores, uri), uri.split("/")
    around = {
        one.id: [len(folder) for folder in one.serves if parts[: folder.count("/") + 1] == folder.split("/")]
        for one in stores
    }
    longest = max((length for each in around.values() for length in each), default=None)
    if found is None:
        assert longest is None
    else:
        assert max(around[found.id]) == longest
