"""The form of a comparison; it is sent by GET, so that the address is the comparison."""

from typing import Self

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SelectMultipleField, StringField

_LONGEST = 18  # digits of a number that a database holds


class CompareForm(FlaskForm):
    """Which models, and by which score."""

    class Meta:
        """It changes nothing, so it needs no CSRF field, and its address can be passed on."""

        csrf = False

    models = SelectMultipleField("Models", validate_choice=False)
    metric = StringField("Compare by")

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> Self:
        """Read the address."""
        return cls(formdata=args)

    def numbers(self) -> list[int]:
        """The models asked for, each once, in the order of the address; -1 for what is no number.

        No model has that number, so what is no number is not found, as any other that is not there.
        """
        asked = dict.fromkeys(self.models.data or [])
        return list(dict.fromkeys(_number(text) for text in asked))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else -1
