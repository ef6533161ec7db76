"""The folded part of the training form: how rows are checked, class weights, settings of learners."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FloatField, IntegerField, RadioField, SelectField, ValidationError

from beanft.engine.errors import EngineError
from beanft.engine.learning.asking import (
    Proposal,
    cut_refusal,
    group_columns,
    propose_validation,
    time_columns,
)
from beanft.engine.learning.choices import FOLDS, HOLDOUT, WAYS, WEIGHTS, Choices, Validation
from beanft.engine.learning.learners import LEARNER, LEARNERS, Learner, Setting
from beanft.engine.learning.target import TASKS
from beanft.engine.tables.columns import Profile

_LEAST, _MOST = (round(100 * share) for share in HOLDOUT)


class Whole(IntegerField):
    """A whole number, with words of our own when it is none."""

    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent; nothing is no number."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            if not valuelist[0].strip():  # an empty field is one that was left out
                self.data = None
                return
            raise ValueError("Give a whole number.") from error


class Number(FloatField):
    """A number that may be left out, with words of our own when it is none."""

    data: float | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent; nothing is no number."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Give a number, such as 0.1 or 20, or nothing.") from error


class SettingField(Number):
    """One setting of a learner; empty when several values are to be tried."""

    def __init__(self, *args: Any, learner: Learner, setting: Setting, **kwargs: Any) -> None:
        super().__init__(setting.title, *args, **kwargs)
        self.learner, self.setting = learner, setting

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - as wtforms calls it
        """Within the bounds of the setting."""
        if self.data is None:
            return
        try:
            self.setting.check(self.data, self.learner.title)
        except EngineError as error:
            raise ValidationError(str(error)) from error

    @property
    def value(self) -> int | float | None:
        """What was chosen, whole where it must be."""
        return int(self.data) if self.data is not None and self.setting.whole else self.data


class ChoiceForm(FlaskForm):
    """What most people leave as it is proposed; every field may be left out."""

    cut = RadioField("How should the rows be divided?", validate_choice=False, default="")
    group_column = SelectField("Column of the groups", validate_choice=False, default="")
    time_column = SelectField("Column of the time", validate_choice=False, default="")
    holdout = Number("Locked rows, in per cent")
    folds = Whole("Folds")
    class_weights = SelectField("Weights of the classes", validate_choice=False, default="")
    positive = SelectField("Class to be found", validate_choice=False, default="")
    distinct = BooleanField("Rows that repeat another one take part only once")

    profile: Profile
    two_classes: tuple[str, ...] = ()

    def offer(self, profile: Profile, target: str, task: str, max_rows: int) -> None:
        """Fill the choices, once target and task are known."""
        self.proposal: Proposal = propose_validation(profile, target, task, max_rows=max_rows)
        self.proposed_by_task = {
            one: propose_validation(profile, target, one, max_rows=max_rows).sentence for one in TASKS
        }
        groups, times = group_columns(profile, target), time_columns(profile, target)
        self.cut.choices = [("", "As proposed"), ("chance", "By chance")]
        self.cut.choices += [("group", "By group")] if groups else []
        self.cut.choices += [("time", "By time")] if times else []
        self.group_column.choices = _named(groups)
        self.time_column.choices = _named(times)
        self.class_weights.choices = [
            ("", "All rows count alike"),
            ("balanced", "Balanced: rare classes count more"),
        ]
        usual = f"{self.two_classes[-1]} (the usual)" if self.two_classes else ""
        self.positive.choices = [("", usual), *((one, one) for one in self.two_classes)]
        self.group_column.data = (
            self.group_column.data or self._in_role("group") or self.proposal.offered_group
        )
        self.time_column.data = self.time_column.data or self._in_role("time") or self.proposal.offered

    def show_choices(self, chosen: Choices) -> None:
        """Show what was chosen for an earlier experiment, as far as the table still has its columns."""
        validation = chosen.validation
        self.cut.data = validation.by
        if validation.by == "group":
            self.group_column.data = validation.column
        if validation.by == "time":
            self.time_column.data = validation.column
        if validation.holdout != Validation().holdout:
            self.holdout.data = round(100 * validation.holdout, 3)
        self.folds.data = validation.folds or None
        self.class_weights.data = chosen.class_weights
        self.positive.data = chosen.positive
        self.distinct.data = chosen.distinct
        for field in self.setting_fields():
            field.data = chosen.settings.get(field.learner.key, {}).get(field.setting.key)

    def setting_fields(self, learner: str = "") -> list[SettingField]:
        """The settings of a learner, or of all."""
        return [
            field for field in self if isinstance(field, SettingField) and learner in ("", field.learner.key)
        ]

    @property
    def cut_column(self) -> str:
        """The column that was chosen to cut by."""
        by = {"group": self.group_column.data, "time": self.time_column.data}
        return by.get(self.cut.data or "") or ""

    @property
    def cut_is_open(self) -> bool:
        """Whether something of how the rows are checked was chosen, or is wrong."""
        fields = (self.cut, self.holdout, self.folds, self.distinct)
        wrong = (*fields, self.group_column, self.time_column)
        return any(field.data for field in fields) or any(field.errors for field in wrong)

    @property
    def wrong_settings(self) -> bool:
        """Whether a setting of a learner is out of bounds."""
        return any(field.errors for field in self.setting_fields())

    def choices_made(self, learners: Sequence[str]) -> Choices:
        """What was chosen, for those learners; only after the form was found valid."""
        share = self.holdout.data
        settings: dict[str, dict[str, int | float]] = {}
        for field in self.setting_fields():
            if field.value is not None and field.learner.key in learners:
                settings.setdefault(field.learner.key, {})[field.setting.key] = field.value
        return Choices(
            validation=Validation(
                by=self.cut.data or "",
                column=self.cut_column,
                holdout=Validation().holdout if share is None else share / 100,
                folds=self.folds.data or 0,
            ),
            class_weights=self.class_weights.data or "",
            positive=self.positive.data or "",
            distinct=bool(self.distinct.data),
            settings=settings,
        )

    def refuse_cut(self, target: str) -> None:
        """Say beside the column why rows cannot be cut by it."""
        refusal = cut_refusal(self.profile, target, self.cut.data or "", self.cut_column)
        if refusal:
            field = self.group_column if self.cut.data == "group" else self.time_column
            field.errors = [*field.errors, refusal]

    def validate_cut(self, field: RadioField) -> None:
        """One of the ways there are."""
        if (field.data or "") not in WAYS:
            raise ValidationError("Choose one of the ways below.")

    def validate_holdout(self, field: Number) -> None:
        """Within bounds."""
        if field.data is not None and not _LEAST <= field.data <= _MOST:
            raise ValidationError(f"Give a share from {_LEAST} to {_MOST} per cent, or nothing.")

    def validate_folds(self, field: Whole) -> None:
        """Within bounds."""
        if field.data is not None and not FOLDS[0] <= field.data <= FOLDS[1]:
            raise ValidationError(f"Give a number of folds from {FOLDS[0]} to {FOLDS[1]}, or nothing.")

    def validate_class_weights(self, field: SelectField) -> None:
        """One of those there are."""
        if (field.data or "") not in WEIGHTS:
            raise ValidationError("Choose one of the weights in the list.")

    def _in_role(self, role: str) -> str:
        return next((column.name for column in self.profile.columns if column.role == role), "")


def _named(names: Sequence[str]) -> list[tuple[str, str]]:
    return [("", "Choose a column"), *((name, name) for name in names)]


def setting_name(learner: str, setting: str) -> str:
    """Name of a setting's field."""
    return f"{learner}-{setting}"


for _learner in LEARNERS:
    for _setting in LEARNER[_learner.key].settings:
        _field = SettingField(learner=_learner, setting=_setting, description=_setting.sentence)
        setattr(ChoiceForm, setting_name(_learner.key, _setting.key), _field)
