"""Where predicted numbers lie, from bounded memory."""

import numpy as np
import pytest

from beanft.engine.learning.batches.spread import Spread


def _added(values: np.ndarray, size: int, most: int) -> Spread:
    spread = Spread(most)
    for start in range(0, len(values), size):
        spread.add(values[start : start + size])
    return spread


def test_few_numbers_are_told_exactly() -> None:
    values = np.random.default_rng(1).normal(size=999)
    facts = _added(values, 100, 999).facts()
    assert facts is not None
    names = ("minimum", "lower", "median", "upper", "maximum")
    assert [facts[name] for name in names] == np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()
    assert facts["mean"] == pytest.approx(values.mean())
    assert facts["sampled"] == 0


def test_of_many_numbers_a_sample_is_kept_and_the_facts_say_so() -> None:
    values = np.tile(np.arange(10.0), 20_000)  # what stands in every tenth row alone would mislead
    values[77_777], values[3] = 1e6, -5.0
    spread = _added(values, 4_096, 10_000)
    facts = spread.facts()
    assert facts is not None
    assert sum(len(block) for block in spread._kept) == facts["sampled"] <= 10_000
    assert (facts["minimum"], facts["maximum"]) == (-5.0, 1e6)
    assert facts["mean"] == pytest.approx(values.mean())
    assert [facts[name] for name in ("lower", "median", "upper")] == pytest.approx([2, 4.5, 7], abs=0.5)
    assert facts["sampled"] > 4_000


def test_how_the_rows_are_cut_into_blocks_changes_nothing() -> None:
    values = np.random.default_rng(2).normal(size=5_000)
    one, other = (_added(values, size, 500).facts() for size in (5_000, 77))
    assert one == pytest.approx(other)


def test_without_numbers_nothing_is_told() -> None:
    assert Spread().facts() is None
