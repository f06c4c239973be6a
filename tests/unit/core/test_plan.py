import pytest

from bootstrap.core.errors import BootstrapError
from bootstrap.core.plan import in_order, make_plan
from tests.unit.core.fakes import Fake


def test_steps_come_after_what_they_require() -> None:
    steps = [Fake("c", "b"), Fake("a"), Fake("b", "a")]
    assert [step.name for step in in_order(steps)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([Fake("a"), Fake("a")], "two steps are called 'a'"),
        ([Fake("a", "nobody")], "requires unknown 'nobody'"),
        ([Fake("a", "b"), Fake("b", "a")], "a -> b -> a"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(steps: list[Fake], said: str) -> None:
    with pytest.raises(BootstrapError) as caught:
        in_order(steps)
    assert caught.value.code == "E-PLAN"
    assert said in caught.value.what or "b -> a -> b" in caught.value.what


def test_only_what_differs_is_a_change() -> None:
    plan = make_plan([Fake("a"), Fake("b")], {"a": "done"})
    assert [(c.step, c.found, c.wanted) for c in plan.changes] == [("b", "absent", "done")]


def test_what_depends_on_a_change_is_known_after_it_even_when_it_looks_satisfied() -> None:
    plan = make_plan([Fake("a"), Fake("b", "a"), Fake("c", "b")], {"b": "done", "c": "done"})
    assert [(c.step, c.known_after) for c in plan.changes] == [("a", ""), ("b", "a"), ("c", "b")]


def test_nothing_differs() -> None:
    assert make_plan([Fake("a"), Fake("b", "a")], {"a": "done", "b": "done"}).changes == ()
