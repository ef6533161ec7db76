"""What is typed and chosen on the pages of versions and their columns."""

from collections.abc import Iterator, Sequence

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from beanft.engine.tables.columns import Column
from beanft.listing import Listing
from beanft.uploader.services import RefusedError
from beanft.uploader.versions.columns import Choice

COLUMNS_SHOWN = 100
"""Columns on one page of the columns page."""

_SEARCH_MOST = 200
_MISFIT = "The dataset changed since you opened this page. Look at its columns again."


class ColumnsForm(FlaskForm):
    """The version that the page shows; what is chosen for its columns are parallel lists, see `choices`."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class ChangeForm(FlaskForm):
    """One change of one column, as a button sends it."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    name = HiddenField(validators=[InputRequired()])
    kind = HiddenField()
    format = HiddenField()
    missing = HiddenField()

    def choice(self) -> Choice:
        """What is asked of the column; a field that was not sent changes nothing."""
        sent = {field.name: field.data for field in (self.kind, self.format, self.missing) if field.raw_data}
        return Choice(name=_line_ends(self.name.data or ""), **sent)


class DeleteForm(FlaskForm):
    """The name, typed again."""

    name = StringField(
        "Type the name of the dataset to delete it",
        validators=[InputRequired("Type the name of the dataset.")],
        render_kw={"autocomplete": "off"},
    )


class DeleteVersionForm(FlaskForm):
    """Nothing but the token: what goes is said on the page."""


class SearchForm(FlaskForm):
    """Which columns are shown: a part of their names, and a page."""

    class Meta:
        """A form that changes nothing needs no CSRF field, and its address can be passed on."""

        csrf = False

    search = StringField("Find a column")

    @property
    def words(self) -> str:
        """What is searched for; empty for all columns."""
        return (self.search.data or "").strip()[:_SEARCH_MOST]


def find_columns(columns: Sequence[Column], words: str, page: int) -> Listing[tuple[int, Column]]:
    """One page of the columns whose names hold what is searched for, each with its position from 1."""
    wanted = words.casefold()
    found = [one for one in enumerate(columns, 1) if wanted in one[1].name.casefold()]
    n_pages = max(1, -(-len(found) // COLUMNS_SHOWN))
    page = min(max(1, page), n_pages)
    shown = found[(page - 1) * COLUMNS_SHOWN : page * COLUMNS_SHOWN]
    return Listing(items=shown, page=page, n_pages=n_pages, total=len(found))


def choices(sent: MultiDict[str, str], columns: Sequence[Column]) -> Iterator[Choice]:
    """Read the parallel lists `kind`, `format`, `missing` and `role`, one value for each column of a page.

    The list `column` holds the positions of the columns from 1; without it the lists are of all columns. A
    list that was not sent changes nothing.

    Raises
    ------
    RefusedError
        When the lists are not of the same length, or there is no such column.
    """
    positions = sent.getlist("column") or [str(number + 1) for number in range(len(columns))]
    parts = {name: sent.getlist(name) for name in ("kind", "format", "missing", "role") if name in sent}
    if not parts or any(len(values) != len(positions) for values in parts.values()):
        raise RefusedError(_MISFIT)
    for at, position in enumerate(positions):
        if not (position.isascii() and position.isdigit() and len(position) < 9):
            raise RefusedError(_MISFIT)
        if not 0 < int(position) <= len(columns):
            raise RefusedError(_MISFIT)
        values = {name: values[at] for name, values in parts.items()}
        yield Choice(name=columns[int(position) - 1].name, **values)


def _line_ends(name: str) -> str:
    """Browsers write line ends as CR LF, also those in the name of a column."""
    return name.replace("\r\n", "\n")
