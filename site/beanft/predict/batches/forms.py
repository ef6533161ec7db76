"""The forms of what is to be predicted: a file, or a dataset."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Form, HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import ValidationError

from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.predict.batches.words import LONGEST_SHEET, sheet_fault
from beanft.storage import new_key

_ACCEPT = (
    ".csv,.tsv,.txt,.tab,.dat,text/*,.xlsx,.xls,.xlsb,.ods,.json,.jsonl,.ndjson,.parquet,.pq,.arrow,.feather,"
    ".gz,.bz2,.xz,.zst,.zip"
)


def _level_field(identity: str) -> Any:
    """Two forms stand on one page, so each field has an id of its own."""
    return SelectField(
        "Level of intervals and sets",
        id=identity,
        choices=[SelectChoice(repr(level), f"{100 * level:g} % of the cases") for level in LEVELS],
        default="0.9",
    )


def _is_sheet(_form: Form, field: StringField) -> None:
    if fault := sheet_fault(field.data or ""):
        raise ValidationError(fault)


def _unreadable_field(identity: str) -> Any:
    return BooleanField(
        "Take cells that cannot be read as missing",
        id=identity,
        description="Without this they refuse the table. With it their rows are marked.",
    )


class BatchForm(FlaskForm):
    """A file to predict."""

    once = HiddenField(default=new_key, render_kw={"autocomplete": "off"})
    file = FileField(
        "File with a table",
        validators=[FileRequired("Choose a file with a table first.")],
        render_kw={"accept": _ACCEPT},
    )
    sheet = StringField(
        "Sheet (optional)",
        description="Of a workbook; empty takes the first one.",
        validators=[_is_sheet],
        render_kw={"autocomplete": "off", "maxlength": LONGEST_SHEET},
    )
    level = _level_field("file-level")
    unreadable_as_missing = _unreadable_field("file-unreadable")


class DatasetForm(FlaskForm):
    """A version of a dataset to predict."""

    once = HiddenField(default=new_key, render_kw={"autocomplete": "off"})
    version = SelectField("Dataset", coerce=int, validate_choice=False)
    level = _level_field("dataset-level")
    unreadable_as_missing = _unreadable_field("dataset-unreadable")
