"""The correction for many looks."""

import pytest

from beanft.engine.claims import holm


def test_holm_keeps_the_order_and_stays_below_one():
    p = [0.2, 0.001, 0.04, 0.9, 0.01]
    assert holm(p) == pytest.approx([0.4, 0.005, 0.12, 0.9, 0.04])
    assert holm([]) == []
