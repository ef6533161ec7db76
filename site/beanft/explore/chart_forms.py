"""The form that describes a chart; it is sent by GET, so that the address is the chart."""

from typing import Any, Self

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from beanft.engine.charts.chart import AGGREGATIONS, KINDS, Chart

BINS_MOST = 100
_TITLE_MOST = 200


class ChartForm(FlaskForm):
    """Kind, columns, aggregation, bins and title; whether columns suit the kind is said by the engine."""

    class Meta:
        """A form that changes nothing needs no CSRF field, and its address can be passed on."""

        csrf = False

    kind = SelectField("Chart", choices=[SelectChoice(*kind) for kind in KINDS.items()], default="histogram")
    x = StringField("x (horizontal axis)")
    y = StringField("y (measured)")
    colour = StringField("Colour")
    aggregation = SelectField(
        "Measure", choices=[SelectChoice(*one) for one in AGGREGATIONS.items()], default="count"
    )
    bins = IntegerField(
        "Bins",
        validators=[
            Optional(),
            NumberRange(2, BINS_MOST, message=f"Choose 2 to {BINS_MOST} bins, or leave it empty."),
        ],
    )
    title = StringField(
        "Title",
        validators=[
            Length(max=_TITLE_MOST, message=f"The title is longer than {_TITLE_MOST} characters. Shorten it.")
        ],
    )

    @classmethod
    def read(cls, args: MultiDict[str, str], default: Chart | None, time: str = "") -> Self:
        """Read the address; where it says nothing of a chart, the default stands in the form.

        A line without an x is drawn over `time`, the column that tells it.
        """
        given = MultiDict(args)
        if not {"kind", "x", "y"} & given.keys() and default:
            given.update(chart_args(default))
        if given.get("kind") == "line" and not given.get("x"):
            given["x"] = time
        if given.get("y") and "aggregation" not in given:
            given["aggregation"] = "mean"  # who names a column to measure wants more than a count
        for name in ("x", "y", "colour"):
            if name in given:
                given[name] = given[name].replace("\r\n", "\n")  # browsers send line ends of values so
        return cls(formdata=given)

    def chart(self) -> Chart:
        """The description that the fields hold."""
        return Chart(
            kind=self.kind.data or "",
            x=self.x.data or "",
            y=self.y.data or "",
            colour=self.colour.data or "",
            aggregation=self.aggregation.data or "count",
            bins=self.bins.data or 0,
            title=(self.title.data or "").strip(),
        )

    def first_error(self) -> str:
        """What is wrong with the first bad field; empty when all are right."""
        return next((str(messages[0]) for messages in self.errors.values() if messages), "")


def chart_args(chart: Chart) -> dict[str, Any]:
    """The parts of the address that describe a chart; empty ones are left out."""
    args = {
        "kind": chart.kind,
        "x": chart.x,
        "y": chart.y,
        "colour": chart.colour,
        "aggregation": chart.aggregation,
        "bins": str(chart.bins or ""),
        "title": chart.title,
    }
    return {name: value for name, value in args.items() if value}
