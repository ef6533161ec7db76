"""The forms of the comparisons; they are sent by GET, so that the address is the comparison."""

from typing import Self

from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, StringField
from wtforms.validators import Optional

from beanft.explore.address_form import AddressForm


class _CompareForm(AddressForm):
    """A form that is read from its address."""

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> Self:
        """Read the address; browsers send the line ends of values as two characters."""
        given = MultiDict((name, value.replace("\r\n", "\n")) for name, value in args.items(multi=True))
        return cls(formdata=given)


class ColumnsForm(_CompareForm):
    """Two columns."""

    a = StringField("First column")
    b = StringField("Second column")


class GroupsForm(_CompareForm):
    """A column and two of its values."""

    by = StringField("Column that makes the groups")
    one = StringField("First group")
    other = StringField("Second group")


class VersionsForm(_CompareForm):
    """Two versions by their numbers."""

    old = IntegerField("Older version", validators=[Optional()])
    new = IntegerField("Newer version", validators=[Optional()])
