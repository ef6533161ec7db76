"""How amounts of a prediction are written: probabilities in percent, numbers with equal decimals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Unit:
    """How amounts of a prediction are written: probabilities in percent, numbers with equal decimals."""

    decimals: int
    """Decimals of all of them, so that they add up as they stand."""
    is_share: bool
    """Whether they are probabilities."""

    def level(self, value: float) -> str:
        """Write a prediction."""
        return f"{100 * value:.{self.decimals}f} %" if self.is_share else self._plain(value)

    def change(self, value: float) -> str:
        """Write a contribution with its sign."""
        text = self._plain(abs(100 * value if self.is_share else value))
        nothing = not any(digit in "123456789" for digit in text)
        return text if nothing else f"{'+' if value > 0 else '−'}{text}"

    def _plain(self, value: float) -> str:
        return f"{value:,.{self.decimals}f}".replace("-", "−")


def unit_of(label: str | None, numbers: Sequence[float]) -> Unit:
    """Choose how amounts are written, by the largest of them.

    >>> unit_of(None, [1234.5, 3.0]).change(-3), unit_of("yes", [0.5]).level(0.25)
    ('−3', '25.0 %')
    """
    if label is not None:
        return Unit(decimals=1, is_share=True)
    largest = max((abs(value) for value in numbers if math.isfinite(value)), default=0.0)
    digits = 0 if largest == 0 else _DIGITS - 1 - math.floor(math.log10(largest))
    return Unit(decimals=min(12, max(0, digits)), is_share=False)
