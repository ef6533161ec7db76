"""The form of a threshold and of what the four outcomes cost."""

import math

from flask_wtf import FlaskForm
from wtforms import FloatField, ValidationError

from beanft.engine.learning.reports.thresholds import USUAL, Costs

ACTIONS = ("save", "show", "best", "clear")
"""What its buttons ask for."""
_MOST = 1e9  # costs in any currency fit below it
_NUMBER = "Type a number, such as 0.31."


class NumberField(FloatField):
    """A number that is written as people write it: 1, not 1.0."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.12g}"


class ThresholdForm(FlaskForm):
    """From which probability a row counts as positive, and what mistakes cost."""

    threshold = NumberField("Threshold", default=USUAL)
    false_positive = NumberField("Cost of a false alarm", default=1.0)
    false_negative = NumberField("Cost of a miss", default=1.0)
    true_positive = NumberField("Benefit of a hit", default=0.0)
    true_negative = NumberField("Benefit of one rightly left alone", default=0.0)

    def validate_threshold(self, field: FloatField) -> None:
        """A probability."""
        number = _number(field)
        if not 0 <= number <= 1:
            raise ValidationError("A threshold lies between 0 and 1. Type a number such as 0.31.")

    def validate_false_positive(self, field: FloatField) -> None:
        """An amount, and one of the four is more than 0."""
        _amount(field)
        others = (self.false_negative, self.true_positive, self.true_negative)
        if not field.data and not any(other.data for other in others):
            raise ValidationError(
                "All four are 0, so every threshold costs the same. Give one that is not 0."
            )

    def validate_false_negative(self, field: FloatField) -> None:
        """An amount."""
        _amount(field)

    def validate_true_positive(self, field: FloatField) -> None:
        """An amount."""
        _amount(field)

    def validate_true_negative(self, field: FloatField) -> None:
        """An amount."""
        _amount(field)

    @property
    def costs(self) -> Costs:
        """The four amounts."""
        return Costs(**{name: self[name].data for name in Costs().facts()})


def _number(field: FloatField) -> float:
    """What was typed, if it is a number."""
    if field.data is None or not math.isfinite(field.data):
        field.errors = []  # the sentence of WTForms names no remedy
        raise ValidationError(_NUMBER)
    number: float = field.data
    return number


def _amount(field: FloatField) -> None:
    if not 0 <= _number(field) <= _MOST:
        raise ValidationError("Type an amount from 0 to 1,000,000,000, such as 5.")
