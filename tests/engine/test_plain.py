"""Numbers in sentences are no powers of ten."""

import math

import pytest

from beanft.engine.plain import plain


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (479_000.0, 3, "479,000"),
        (1_234_567.8, 4, "1,234,568"),
        (120.0, 2, "120"),
        (99.6, 2, "100"),
        (12.34, 2, "12"),
        (0.5, 4, "0.5"),
        (0.00001, 6, "0.00001"),
        (-1500.0, 3, "−1,500"),
        (999_999_999_999_999.0, 2, "999,999,999,999,999"),
        (2e15, 3, "2e+15"),
        (math.inf, 3, "inf"),
    ],
)
def test_numbers_are_written_as_people_do(value, digits, said):
    assert plain(value, digits) == said
