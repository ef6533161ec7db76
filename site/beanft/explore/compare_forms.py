"""The forms of the comparisons; they are sent by GET, so that the address is the comparison."""

from typing import Self

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, StringField
from wtforms.validators import Optional


class _AddressForm(FlaskForm):
    """A form that changes nothing needs no CSRF field, and its address can be passed on."""

    class Meta:
        """Without CSRF."""

        csrf = False

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> Self:
        """Read the address; browsers send the line ends of values as two characters."""
        given = MultiDict((name, value.replace("\r\n", "\n")) for name, value in args.items(multi=True))
        return cls(formdata=given)

    def first_error(self) -> str:
        """What is wrong with the first bad field; empty when all are right."""
        return next((str(messages[0]) for messages in self.errors.values() if messages), "")


class ColumnsForm(_AddressForm):
    """Two columns."""

    a = StringField("First column")
    b = StringField("Second column")


class GroupsForm(_AddressForm):
    """A column and two of its values."""

    by = StringField("Column that makes the groups")
    one = StringField("First group")
    other = StringField("Second group")


class VersionsForm(_AddressForm):
    """Two versions by their numbers."""

    old = IntegerField("Older version", validators=[Optional()])
    new = IntegerField("Newer version", validators=[Optional()])
