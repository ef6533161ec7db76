"""What is typed about saved charts and boards, and where a board is in the address."""

from typing import Any, Self

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from beanft.explore.boards.services import NAME_MOST, NOTE_MOST
from beanft.explore.row_address import RowsAddress
from beanft.models import Version

_NOTE = Length(max=NOTE_MOST, message=f"A note has at most {NOTE_MOST:,} characters. Shorten it.")


class SavedChartForm(FlaskForm):
    """Name and note of a saved chart."""

    name = StringField(
        "Name",
        validators=[
            InputRequired("Give the chart a name."),
            Length(max=NAME_MOST, message=f"A name has at most {NAME_MOST} characters. Shorten it."),
        ],
        render_kw={"autocomplete": "off", "maxlength": NAME_MOST},
    )
    note = TextAreaField("Note", validators=[_NOTE], render_kw={"rows": 3, "maxlength": NOTE_MOST})


class BoardForm(FlaskForm):
    """Title of a board and the text above its charts."""

    title = StringField(
        "Title",
        validators=[
            Length(max=NAME_MOST, message=f"A title has at most {NAME_MOST} characters. Shorten it.")
        ],
        render_kw={"autocomplete": "off", "maxlength": NAME_MOST},
    )
    note = TextAreaField("Text above the charts", validators=[_NOTE], render_kw={"rows": 3})


class BoardAddress(RowsAddress):
    """`?column=…&operator=…&value=…&version=2`: the filters of all charts, and an older version."""

    @classmethod
    def of_board(cls, args: MultiDict[str, str], version: Version | None) -> Self:
        """Read the address of a board; the newest version is not said."""
        names = [column.name for column in version.profile.columns] if version else ()
        read = cls.read(args, names)
        is_older = version is not None and version is not version.dataset.current
        return cls(filters=read.filters, version=version.number if version and is_older else None)

    def without_version(self) -> list[tuple[str, Any]]:
        """The filters as hidden fields of a form that says the version itself."""
        return self.hidden("version")
