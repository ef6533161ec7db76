"""The time of an experiment: what passed before its clock was made counts."""

import pytest

from beanft.engine.learning.search.clock import Clock


@pytest.mark.parametrize(("late_s", "taken_s"), [(0.0, 0.0), (1.5, 1.5), (40.0, 5.0), (-3.0, 0.0)])
def test_what_passed_before_counts_but_for_one_half_of_the_budget(late_s: float, taken_s: float) -> None:
    clock = Clock(10.0, late_s=late_s)
    assert taken_s <= clock.elapsed < taken_s + 1
    assert clock.left == pytest.approx(10.0 - taken_s, abs=1.0)
    assert Clock(10.0, 20.0, late_s=late_s).shown == pytest.approx(20.0 + taken_s, abs=1.0)
