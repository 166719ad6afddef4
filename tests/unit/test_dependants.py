"""Who waits for whom: the index, who is woken, and circles."""

from __future__ import annotations

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from containertask.runtime.dependants import Dependants
from containertask.runtime.queue import Key

NAMESPACES = ("lab", "team")


def of(needs: dict[str, list[str]]) -> Dependants:
    found = Dependants()
    for name, each in needs.items():
        found.note(("lab", name), each)
    return found


def test_who_needs_a_task_is_woken_once_when_it_changes() -> None:
    found = of({"a": ["x", "y"], "b": ["x"], "c": ["y"]})
    found.changed(("lab", "x"))
    found.changed(("lab", "y"))
    found.changed(("lab", "x"))
    assert sorted(found.woken()) == [("lab", "a"), ("lab", "b"), ("lab", "c")]
    assert found.woken() == []


def test_a_task_of_another_namespace_is_another_one() -> None:
    found = of({"a": ["x"]})
    found.changed(("team", "x"))
    assert found.woken() == []


def test_who_has_ended_is_not_woken() -> None:
    found = of({"a": ["x"]})
    found.forget(("lab", "a"))
    found.forget(("lab", "a"))
    found.changed(("lab", "x"))
    assert (found.woken(), found.needs(("lab", "a"))) == ([], ())


def test_what_a_task_needs_is_what_it_said_last() -> None:
    found = of({"a": ["x"]})
    found.note(("lab", "a"), ["y"])
    found.changed(("lab", "x"))
    assert found.woken() == []
    found.changed(("lab", "y"))
    assert found.woken() == [("lab", "a")]


def test_a_circle_is_told_by_its_names() -> None:
    assert of({"a": ["a"]}).circle(("lab", "a")) == ("a", "a")
    assert of({"a": ["b"], "b": ["a"]}).circle(("lab", "a")) == ("a", "b", "a")
    three = of({"a": ["x", "b"], "b": ["y", "c"], "c": ["a"], "x": ["y"]})
    assert three.circle(("lab", "a")) == ("a", "b", "c", "a")
    assert three.circle(("lab", "b")) == ("b", "c", "a", "b")
    assert three.circle(("lab", "x")) == ()


def test_who_needs_a_circle_is_not_in_it() -> None:
    found = of({"a": ["b"], "b": ["c"], "c": ["b"]})
    assert found.circle(("lab", "a")) == ()
    assert found.circle(("lab", "b")) == ("b", "c", "b")


def test_a_long_way_is_no_deep_call() -> None:
    found = of({f"t{number}": [f"t{number + 1}"] for number in range(5000)})
    assert found.circle(("lab", "t0")) == ()
    found.note(("lab", "t5000"), ["t0"])
    assert len(found.circle(("lab", "t0"))) == 5002


KEYS = st.tuples(st.sampled_from(NAMESPACES), st.sampled_from("abcde"))


class Model(RuleBasedStateMachine):
    """Against one that looks through everything each time."""

    def __init__(self) -> None:
        super().__init__()
        self.real = Dependants()
        self.needs: dict[Key, list[Key]] = {}
        self.to_wake: set[Key] = set()

    @rule(key=KEYS, names=st.lists(st.sampled_from("abcde"), unique=True, max_size=3))
    def note(self, key: Key, names: list[str]) -> None:
        self.real.note(key, names)
        self.needs[key] = [(key[0], name) for name in names]

    @rule(key=KEYS)
    def forget(self, key: Key) -> None:
        self.real.forget(key)
        self.needs.pop(key, None)

    @rule(key=KEYS)
    def change(self, key: Key) -> None:
        self.real.changed(key)
        self.to_wake |= {one for one, needs in self.needs.items() if key in needs}

    @rule()
    def wake(self) -> None:
        found = self.real.woken()
        assert len(found) == len(set(found))
        assert set(found) == self.to_wake
        self.to_wake = set()

    @invariant()
    def all_is_known(self) -> None:
        for key in ((namespace, name) for namespace in NAMESPACES for name in "abcde"):
            assert list(self.real.needs(key)) == self.needs.get(key, [])
            way = self.real.circle(key)
            assert bool(way) is (key in self.reached(key))
            if way:
                assert way[0] == way[-1] == key[1]
                for one, following in itertools.pairwise(way):
                    assert (key[0], following) in self.needs[key[0], one]

    def reached(self, key: Key) -> set[Key]:
        found: set[Key] = set()
        ahead = [key]
        while ahead:
            more = set(self.needs.get(ahead.pop(), ())) - found
            found |= more
            ahead += more
        return found

    def teardown(self) -> None:
        for key in list(self.needs):
            self.real.forget(key)
        assert not any((self.real._needs, self.real._needed_by)), "nothing is kept of what is gone"  # noqa: SLF001


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=60, stateful_step_count=30)
