"""The forms of questions about a model."""

from math import isfinite
from typing import Any

from flask_wtf import FlaskForm
from wtforms import FloatField, IntegerField, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired, Optional

from beanft.models import TrainedModel
from beanft.train.explain import services

_CLASS = "Choose one of the model's classes."
_COLUMN = "Choose one of the model's columns."
_VALUE = "Write a number, such as 12.5, or leave it empty."
_NUMBER = "Write the number of a row, such as 17."


def _choice(label: str, refusal: str) -> SelectField:
    """A list whose refusal says what to do; what it offers depends on the model."""
    return SelectField(label, choices=[], default="", invalid_choice_message=refusal)


class _RowNumber(IntegerField):
    """A number as people write it, with or without separators."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        text = (valuelist[0] if valuelist else "").strip().replace(",", "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 16):
            self.data = None
            raise ValueError(_NUMBER)
        self.data = int(text) if text else None


class _Number(FloatField):
    """A number that is one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        text = (valuelist[0] if valuelist else "").strip()
        try:
            self.data = float(text) if text else None
        except ValueError:
            raise ValueError(_VALUE) from None
        if self.data is not None and not isfinite(self.data):
            raise ValueError(_VALUE)


class _ModelForm(FlaskForm):
    """A form whose choices are the columns and classes of a model."""

    def __init__(self, model: TrainedModel, **values: Any) -> None:
        super().__init__(**values)
        self.columns, self.labels = services.column_names(model), model.labels
        for name in ("column", "one", "other", "locked"):
            if name in self:
                self[name].choices = self.columns
        for name in ("label", "wanted"):
            if name in self:
                self[name].choices = ["", *self.labels]

    def chosen_label(self) -> str | None:
        """The class that was chosen; None for the usual one."""
        return self["label"].data or None


class OverviewForm(_ModelForm):
    """Explain the model as a whole."""

    label = _choice("Class", _CLASS)


class EffectForm(_ModelForm):
    """Draw the effect of a column."""

    column = _choice("Column", _COLUMN)
    label = _choice("Class", _CLASS)


class PairForm(_ModelForm):
    """Draw what two columns do together."""

    one = _choice("First column", _COLUMN)
    other = _choice("Second column", _COLUMN)
    label = _choice("Class", _CLASS)

    def validate_other(self, field: SelectField) -> None:
        """Two columns are needed."""
        if field.data == self.one.data:
            raise ValidationError("Choose two different columns.")


class RowForm(_ModelForm):
    """Explain one row of the table."""

    row = _RowNumber("Row number", [InputRequired(_NUMBER)])
    label = _choice("Class", _CLASS)

    def __init__(self, model: TrainedModel, **values: Any) -> None:
        super().__init__(model, **values)
        self.n_rows = model.run.experiment.version.n_rows or 0

    def validate_row(self, field: IntegerField) -> None:
        """The table has rows 1 to n."""
        if field.data is not None and not 1 <= field.data <= self.n_rows:
            raise ValidationError(f"The table has the rows 1 to {self.n_rows:,}. Choose one of these.")


class CounterForm(_ModelForm):
    """Search for what would have changed a prediction."""

    locked = SelectMultipleField("Columns that cannot change", choices=[], invalid_choice_message=_COLUMN)
    wanted = _choice("Class wanted", _CLASS)
    value = _Number("Value to pass", [Optional()])
    direction = SelectField(
        "Direction",
        choices=["above", "below"],
        default="above",
        invalid_choice_message="Choose above or below.",
    )

    def validate_locked(self, field: SelectMultipleField) -> None:
        """Something must be free to change."""
        if len(set(field.data)) >= len(self.columns):
            raise ValidationError("Leave at least one column free to change.")

    def question(self, row: int) -> dict[str, Any]:
        """What the engine is asked."""
        locked = [name for name in self.columns if name in set(self.locked.data)]
        if self.labels:
            return {"row": row, "locked": locked, "wanted": self.wanted.data or None}
        return {
            "row": row,
            "locked": locked,
            "value": self.value.data,
            "above": self.direction.data == "above",
        }
