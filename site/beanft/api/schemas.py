"""What the API takes and answers, as schemas: they check what comes, and are its OpenAPI document."""

from typing import Any

from marshmallow import Schema, fields, validate

from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.predict.rows import USUAL_LEVEL

_STATES = ("queued", "running", "ready", "failed", "cancelled")
_LIMITS = (
    "What limits the meaning of the score, in sentences: serious findings of the checks on which nothing was "
    "decided, a later training that answers one, what the checks could not look for (“Not checked: …”), and "
    "simple guesses that do better."
)


def _said(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, **more}


class _Number(fields.Float):
    """A JSON number; marshmallow would take its text, and true, too."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **more)


class _Truth(fields.Boolean):
    """JSON's true or false; marshmallow would take “yes” and 1, too."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **_more: Any) -> Any:  # noqa: ARG002 -- as marshmallow calls it
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


def _level_field(words: str) -> fields.Float:
    levels = ", ".join(f"{level:g}" for level in LEVELS)
    return _Number(
        load_default=USUAL_LEVEL,
        validate=validate.OneOf(LEVELS, error=f"Choose one of the levels {levels}."),
        metadata=_said(words),
        error_messages={
            "invalid": f"A level is one of the numbers {levels}.",
            "null": "Leave out “level”, or send a number.",
        },
    )


class Fault(Schema):
    """One thing that is wrong, and where."""

    row = fields.Integer(allow_none=True, metadata=_said("Number of the row, from 1."))
    column = fields.String(allow_none=True, metadata=_said("Name of the column."))
    field = fields.String(allow_none=True, metadata=_said("Part of the request, such as level."))
    code = fields.String(metadata=_said("Sort of fault, for programs."))
    sentence = fields.String(metadata=_said("What is wrong, for people."))


class Problem(Schema):
    """Why a request was not done (RFC 9457)."""

    type = fields.String(required=True, metadata=_said("Names the sort of problem.", format="uri"))
    title = fields.String(required=True, metadata=_said("The sort of problem in words."))
    status = fields.Integer(required=True, metadata=_said("The status of the answer."))
    detail = fields.String(required=True, metadata=_said("What happened this time, and what to do."))
    errors = fields.List(fields.Nested(Fault), metadata=_said("Every fault with its place, the first 100."))
    n_errors = fields.Integer(metadata=_said("All faults, where more than are listed."))
    reference = fields.String(metadata=_said("Names the request in the log of the site."))


class Page(Schema):
    """Which part of a list this is."""

    page = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    n_pages = fields.Integer(required=True)
    total = fields.Integer(required=True, metadata=_said("Items in all."))


class Interval(Schema):
    """A figure with its 95 % interval."""

    value = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)


class Model(Schema):
    """A trained model in a list."""

    id = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    experiment = fields.Integer(required=True, metadata=_said("Number of the experiment it comes from."))
    dataset = fields.Integer(required=True, metadata=_said("Number of the dataset it learned from."))
    learner = fields.String(required=True)
    run = fields.String(metadata=_said("Names the run within the experiment."))
    role = fields.String(
        allow_none=True, metadata=_said("final: the one recommended; simple: the simplest that ties with it.")
    )
    title = fields.String(required=True)
    target = fields.String(required=True, metadata=_said("Column that it predicts."))
    task = fields.String(required=True, validate=validate.OneOf(("classification", "regression")))
    metric = fields.String(metadata=_said("Score by which its experiment ranked."))
    mean = fields.Float(allow_none=True, metadata=_said("Mean of that score over the folds."))
    sd = fields.Float(allow_none=True, metadata=_said("Its standard deviation over the folds."))
    interval = fields.Nested(
        Interval, allow_none=True, metadata=_said("The score on rows while unseen, with its 95 % interval.")
    )
    created_at = fields.String(required=True, metadata=_said("When it was trained.", format="date-time"))


class Column(Schema):
    """A training column: what a row must hold."""

    name = fields.String(required=True)
    kind = fields.String(
        required=True, validate=validate.OneOf(("number", "category", "boolean", "date", "text"))
    )
    missing = fields.Boolean(metadata=_said("Whether training rows lacked it at times."))
    minimum = fields.Raw(metadata=_said("Least value seen: a number, or a date as text."))
    maximum = fields.Raw(metadata=_said("Greatest value seen."))
    median = fields.Raw()
    choices = fields.List(fields.String(), metadata=_said("Most frequent categories."))
    n_choices = fields.Integer(metadata=_said("Categories seen in all."))
    mostly_missing = fields.Boolean(metadata=_said("Whether more than half of the training rows lacked it."))
    words = fields.List(fields.String(), metadata=_said("How the owner writes true and false."))
    example = fields.Raw(metadata=_said("A value from training."))


class Baseline(Schema):
    """What guessing says, which looks at no column."""

    prediction = fields.Raw(required=True, metadata=_said("A class or a number."))
    probabilities = fields.Dict(keys=fields.String(), values=fields.Float())


class ModelDetails(Model):
    """A trained model: what it needs, what it is worth."""

    columns = fields.List(fields.Nested(Column), required=True)
    labels = fields.List(fields.String(), metadata=_said("The classes; none for numbers."))
    example = fields.Dict(
        keys=fields.String(), values=fields.Raw(), metadata=_said("A row that can be sent as it is.")
    )
    scores = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        metadata=_said("Scores with intervals, of guessing too, while unseen and on the locked rows."),
    )
    limits = fields.List(fields.String(), metadata=_said(_LIMITS))
    threshold = fields.Float(
        allow_none=True,
        metadata=_said("Probability from which a row counts as positive, if chosen."),
    )
    positive = fields.String(allow_none=True, metadata=_said("The class that the threshold is for."))
    uncertainty = fields.Dict(
        keys=fields.String(), values=fields.Raw(), metadata=_said("Measured coverage of intervals or sets.")
    )
    sha256 = fields.String(required=True, metadata=_said("Of the model's file."))


class Models(Page):
    """A page of models."""

    items = fields.List(fields.Nested(Model), required=True)


class RowsToPredict(Schema):
    """Rows to predict: column names with their values."""

    rows = fields.List(
        fields.Dict(),  # the input checker looks at names and values, and names row and column
        required=True,
        metadata=_said(
            "One object for each row. Values are text, numbers, true, false or null (not known), written "
            "as in the training table; columns in any order, others are left aside.",
            minItems=1,
        ),
        error_messages={
            "required": "Send “rows”: a list with an object for each row.",
            "invalid": "“rows” is a list with an object for each row.",
            "null": "“rows” is a list with an object for each row.",
        },
    )
    level = _level_field("How often intervals and sets are to hold the truth.")
    reasons = _Truth(
        load_default=False,
        metadata=_said(
            "Whether to say what each column contributed and, if you may read, similar training rows."
        ),
        error_messages={"invalid": "“reasons” is true or false."},
    )
    label = fields.String(
        load_default=None,
        allow_none=True,
        metadata=_said(
            "Class whose probability the reasons explain. Without it: of two classes the one of the chosen "
            "threshold or else the last one, as in the form; of more the most likely one of each row."
        ),
        error_messages={"invalid": "“label” is the name of a class."},
    )

    class Meta:
        """What else is sent is a slip, and is named."""

        unknown = "raise"

    error_messages = {"unknown": "There is no such field. Rows stand in “rows”."}


class Warned(Schema):
    """Why to be careful with an answer."""

    code = fields.String(
        required=True, metadata=_said("range, unknown, missing, far, unsure or no_interval.")
    )
    column = fields.String(allow_none=True)
    sentence = fields.String(required=True)


class Repair(Schema):
    """What was changed in a value before it was predicted."""

    row = fields.Integer(allow_none=True)
    column = fields.String(allow_none=True)
    code = fields.String(required=True)
    sentence = fields.String(required=True)
    text = fields.String(metadata=_said("The sentence with its place."))


class Prediction(Schema):
    """The answer to one row."""

    row = fields.Integer(required=True, metadata=_said("Number of the row in the request, from 1."))
    prediction = fields.Raw(required=True, metadata=_said("The class or the number."))
    probabilities = fields.Dict(
        keys=fields.String(), values=fields.Float(), metadata=_said("Of each class, most likely first.")
    )
    level = fields.Float(metadata=_said("How often low to high, or the set, is to hold the truth."))
    low = fields.Float(
        allow_none=True, metadata=_said("Lower end of the interval; null where there is none.")
    )
    high = fields.Float(allow_none=True, metadata=_said("Upper end of the interval."))
    set = fields.List(
        fields.String(),
        allow_none=True,
        metadata=_said("Classes that hold the truth as often as level says."),
    )
    confidence = fields.Float(
        allow_none=True,
        metadata=_said("0..1, null for rows outside of what training saw; see confidence_meaning."),
    )
    warnings = fields.List(fields.Nested(Warned), required=True)
    repairs = fields.List(fields.Nested(Repair), required=True)
    reasons = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        metadata=_said(
            "If asked for: what each column contributed and, if you may read, similar training rows."
        ),
    )


class Predictions(Schema):
    """The answers to all rows, and what they are worth."""

    model = fields.Integer(required=True)
    target = fields.String(required=True)
    task = fields.String(required=True)
    level = fields.Float(required=True)
    predictions = fields.List(fields.Nested(Prediction), required=True)
    baseline = fields.Nested(
        Baseline, allow_none=True, metadata=_said("What one would say without looking at the row.")
    )
    better_than_guessing = fields.Boolean(
        allow_none=True, metadata=_said("Beyond chance, on rows never seen; null where it is not known.")
    )
    limits = fields.List(fields.String(), metadata=_said(_LIMITS))
    uncertainty = fields.Dict(
        keys=fields.String(), values=fields.Raw(), metadata=_said("Measured coverage of intervals or sets.")
    )
    confidence_meaning = fields.String(metadata=_said("What the confidence of a row says."))
    rule = fields.String(metadata=_said("The threshold that was applied, if its owner chose one."))
    repair_counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata=_said("All repairs by code; each row lists its first 100."),
    )


class Job(Schema):
    """Long work done outside the request."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    subject = fields.String(metadata=_said("What it works on: dataset, experiment, model or batch."))
    subject_id = fields.Integer(allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    cancel = fields.Boolean(metadata=_said("Whether its end was asked for."))
    progress = fields.Float(required=True, metadata=_said("Share done, 0..1."))
    message = fields.String(allow_none=True)
    error = fields.String(allow_none=True, metadata=_said("Why it failed."))
    created_at = fields.String(metadata=_said("In UTC.", format="date-time"))
    started_at = fields.String(allow_none=True)
    finished_at = fields.String(allow_none=True)


class NewBatch(Schema):
    """A dataset to predict."""

    dataset = fields.Raw(
        required=True,
        metadata=_said("Number or name of a dataset of yours.", type=["integer", "string"]),
        error_messages={"required": "Send “dataset”, the number or the name of one of yours, or a file."},
    )
    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        metadata=_said("Number of its version; the newest one without it."),
        error_messages={"invalid": "A version is a whole number."},
    )
    level = _level_field("How often intervals and sets are to hold the truth.")
    unreadable_as_missing = _Truth(
        load_default=False,
        metadata=_said("Whether cells that cannot be read count as missing, instead of refusing the table."),
        error_messages={"invalid": "“unreadable_as_missing” is true or false."},
    )

    class Meta:
        """What else is sent is a slip, and is named."""

        unknown = "raise"

    error_messages = {"unknown": "There is no such field."}


class Batch(Schema):
    """One file, or a version of a dataset, scored by a model."""

    id = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    model = fields.Integer(required=True)
    job = fields.Integer(allow_none=True, metadata=_said("Number of the job that predicts it."))
    source = fields.String(validate=validate.OneOf(("file", "dataset")))
    file = fields.String(required=True, metadata=_said("Name of the file, or of the dataset."))
    version = fields.Integer(allow_none=True, metadata=_said("Number of the version's row, of a dataset."))
    sheet = fields.String(metadata=_said("Sheet of a workbook; empty for the first one."))
    sha256 = fields.String(metadata=_said("Of the file as it came."))
    level = fields.Float()
    unreadable_as_missing = fields.Boolean(
        metadata=_said("Whether cells that could not be read counted as missing.")
    )
    n_rows = fields.Integer(allow_none=True, metadata=_said("Rows predicted, once it is ready."))
    progress = fields.Float(allow_none=True, metadata=_said("Share done, 0..1."))
    error = fields.String(allow_none=True, metadata=_said("Why it failed."))
    created_at = fields.String(metadata=_said("When it was asked for.", format="date-time"))
    limits = fields.List(fields.String(), metadata=_said(f"{_LIMITS} Lists of batches leave it out."))
    result = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        allow_none=True,
        metadata=_said("Repairs, warnings, summary, drift and score, once it is ready."),
    )
    download = fields.String(allow_none=True, metadata=_said("Where the predictions are, once it is ready."))


class Batches(Page):
    """A page of batches."""

    items = fields.List(fields.Nested(Batch), required=True)


class Version(Schema):
    """One immutable state of a dataset."""

    number = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    original_name = fields.String()
    original_sha256 = fields.String()
    size_bytes = fields.Integer()
    n_rows = fields.Integer(allow_none=True)
    n_columns = fields.Integer(allow_none=True)
    created_at = fields.String(metadata=_said("In UTC.", format="date-time"))


class Dataset(Schema):
    """A table with a name, in a list."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    n_rows = fields.Integer(allow_none=True)
    n_columns = fields.Integer(allow_none=True)
    size_bytes = fields.Integer()
    created_at = fields.String(metadata=_said("In UTC.", format="date-time"))


class TableColumn(Schema):
    """A column of a dataset."""

    name = fields.String(required=True)
    kind = fields.String(required=True)
    n_missing = fields.Integer()
    n_distinct = fields.Integer(allow_none=True)


class DatasetDetails(Dataset):
    """A dataset with its versions, and the columns of the newest one that is ready."""

    versions = fields.List(fields.Nested(Version), required=True)
    columns = fields.List(fields.Nested(TableColumn), required=True)


class Datasets(Page):
    """A page of datasets."""

    items = fields.List(fields.Nested(Dataset), required=True)
