"""The form that describes a chart; it is sent by GET, so that the address is the chart."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from beanft.engine.charts.catalogue import (
    AGGREGATIONS,
    BUCKETS,
    KINDS,
    LAYOUTS,
    ORDERS,
    SHAPES,
    TRENDS,
    Kind,
    Need,
)
from beanft.engine.charts.chart import PARTS, Chart, measured_part, time_column
from beanft.engine.charts.fitting import fits, fitted, trimmed
from beanft.engine.charts.rules import N_BINS, N_TOP
from beanft.engine.tables.columns import Column, Profile
from beanft.explore.address_form import AddressForm

_TITLE_MOST = 200
_COLUMNS_MOST = 100  # more come from no form of ours
_DESCRIBES = {"kind", "columns", *PARTS}
"""The parts of an address that make it one of a chart."""


class _Names(Field):
    """Names of columns, each a value of its own."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep each name once, as the table has it: browsers send line ends of values as two signs."""
        names = [name.replace("\r\n", "\n") for name in valuelist if name]
        self.data = tuple(dict.fromkeys(names))[:_COLUMNS_MOST]


class _Name(StringField):
    """The name of one column."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the name as the table has it."""
        self.data = valuelist[0].replace("\r\n", "\n") if valuelist else ""


def _choice(label: str, choices: dict[str, str]) -> SelectField:
    """A list; what is none of it is refused by the engine, in a sentence."""
    listed = [SelectChoice(key, words) for key, words in choices.items()]
    return SelectField(label, choices=listed, default="", validate_choice=False)


class ChartForm(AddressForm):
    """What a chart is made of; whether columns suit the kind is said by the engine."""

    kind = SelectField("Kind of chart", choices=list(KINDS), default="histogram", validate_choice=False)
    x = _Name()
    y = _Name()
    z = _Name()
    colour = _Name()
    facet = _Name()
    columns = _Names()
    aggregation = SelectField(
        "Measure",
        choices=[SelectChoice(key, words) for key, words in AGGREGATIONS.items()],
        default="count",
        validate_choice=False,
    )
    layout = _choice("Layout", {"": "Usual", **LAYOUTS})
    order = _choice("Order", dict(ORDERS))
    top = IntegerField(
        "Most groups",
        validators=[
            Optional(),
            NumberRange(1, N_TOP, message=f"Choose 1 to {N_TOP} groups, or leave it empty."),
        ],
    )
    bucket = _choice("Unit of time", dict(BUCKETS))
    bins = IntegerField(
        "Bins",
        validators=[
            Optional(),
            NumberRange(2, N_BINS, message=f"Choose 2 to {N_BINS} bins, or leave it empty."),
        ],
    )
    trend = _choice("Trend line", dict(TRENDS))
    shape = _choice("Points or density", dict(SHAPES))
    log_x = BooleanField("Logarithmic horizontal axis")
    log_y = BooleanField("Logarithmic vertical axis")
    title = StringField(
        "Title",
        validators=[
            Length(max=_TITLE_MOST, message=f"The title is longer than {_TITLE_MOST} characters. Shorten it.")
        ],
    )

    @classmethod
    def read(cls, args: MultiDict[str, str], profile: Profile, default: Chart | None) -> Self:
        """Read the address; where it says nothing of a chart, the default stands in the form.

        A line without an x is drawn over the column that tells the time. `was` is the kind that the form had
        when it was sent: what does not fit a newly chosen kind is then replaced.
        """
        given = MultiDict(args)
        if not describes(given) and default:
            given.update(chart_args(default))
        if given.get("kind") == "line" and not given.get("x") and (time := time_column(profile)):
            given["x"] = time.name
        form = cls(formdata=given)
        measured = measured_part(Chart(kind=form.shown_kind))
        if given.get(measured) and "aggregation" not in given:
            form.aggregation.data = "mean"  # who names a column to measure wants more than a count
        if "was" in given and form.kind.data in KINDS and form.validate():
            return cls(formdata=MultiDict(chart_args(fitted(form.described(), profile, was=given["was"]))))
        return form

    @property
    def shown_kind(self) -> str:
        """The kind whose fields are shown; the first one where the address names none that exists."""
        return self.kind.data if self.kind.data in KINDS else next(iter(KINDS))

    def chart(self) -> Chart:
        """The description that the fields hold, without what its kind does not use."""
        chart = self.described()
        return trimmed(chart) if chart.kind in KINDS else chart

    def described(self) -> Chart:
        """The description that the fields hold."""
        return Chart(
            kind=self.kind.data or "",
            x=self.x.data or "",
            y=self.y.data or "",
            z=self.z.data or "",
            colour=self.colour.data or "",
            facet=self.facet.data or "",
            columns=tuple(self.columns.data or ()),
            aggregation=self.aggregation.data or "count",
            layout=self.layout.data or "",
            order=self.order.data or "",
            top=self.top.data or 0,
            bucket=self.bucket.data or "",
            bins=self.bins.data or 0,
            trend=self.trend.data or "",
            shape=self.shape.data or "",
            log_x=bool(self.log_x.data),
            log_y=bool(self.log_y.data),
            title=(self.title.data or "").strip(),
        )


def describes(args: MultiDict[str, str]) -> bool:
    """Whether an address describes a chart, rather than asking for the page of a dataset's charts."""
    return bool(_DESCRIBES & args.keys())


def chart_args(chart: Chart) -> dict[str, Any]:
    """The parts of the address that describe a chart; empty ones are left out."""
    args = {**asdict(chart), "columns": list(chart.columns)}
    if chart.kind in KINDS and "aggregation" not in KINDS[chart.kind].options:
        del args["aggregation"]
    return {name: "1" if value is True else value for name, value in args.items() if value}


@dataclass(frozen=True, kw_only=True)
class ColumnGroup:
    """Columns that stand together in the list of a part."""

    label: str
    is_fit: bool
    """Whether they can be chosen."""
    columns: tuple[Column, ...]


def parts_of(kind: Kind) -> tuple[tuple[str, Need], ...]:
    """The parts of a kind that hold one column each, those that it cannot do without first."""
    parts = [(part, kind.needs[part]) for part in PARTS if part in kind.needs]
    return tuple(sorted(parts, key=lambda one: not one[1].is_required))


def column_groups(columns: Sequence[Column], need: Need) -> tuple[ColumnGroup, ...]:
    """The columns of a table in the order in which the list of a part offers them; ignored ones come last."""
    groups: dict[str, list[Column]] = {
        name: [] for name in ("Numbers", "Dates", "Categories and texts", "Ignored", "Do not fit")
    }
    for column in columns:
        groups[_group(column, need)].append(column)
    return tuple(
        ColumnGroup(label=label, is_fit=label != "Do not fit", columns=tuple(of_group))
        for label, of_group in groups.items()
        if of_group
    )


def _group(column: Column, need: Need) -> str:
    if not fits(column, need):
        return "Do not fit"
    if column.role == "ignore":
        return "Ignored"
    return {"number": "Numbers", "date": "Dates"}.get(column.kind, "Categories and texts")
