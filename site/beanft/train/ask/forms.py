"""The form that asks one question of a dataset."""

import json
from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField, IntegerField, SelectField, SelectMultipleField, SubmitField, ValidationError
from wtforms.validators import NumberRange, Optional

from beanft.engine.learning.choices import Choices
from beanft.engine.learning.learners import BASELINE, LEARNER, learners_for
from beanft.engine.learning.metrics import METRICS, Metric, metrics_for
from beanft.engine.learning.target import TASKS
from beanft.engine.learning.task import ranking_metric
from beanft.engine.tables.columns import Profile
from beanft.models import Experiment
from beanft.pages import plain_lines
from beanft.storage import new_key
from beanft.train import choices
from beanft.train.ask.choice_fields import ChoiceForm, Whole

DEFAULT_BUDGET_S = 120


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A time budget that is offered."""

    title: str
    """Its name."""
    seconds: int
    """How long."""
    shown: str
    """How long, in words."""
    sentence: str
    """What it is for."""


PRESETS = (
    Preset(title="Quick", seconds=30, shown="30 s", sentence="A first answer."),
    Preset(title="Good", seconds=120, shown="2 min", sentence="Right for most tables."),
    Preset(title="Thorough", seconds=600, shown="10 min", sentence="More settings are tried."),
)
"""Time budgets offered, shortest first."""
_FIND = "auto"  # the task is found from the column
_MAX_SEED = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the form settles."""

    target: str
    """Column to predict."""
    features: list[str]
    """Columns to predict from, in the order of the table."""
    task: str
    """classification or regression."""
    metric: str
    """Key of the metric that ranks."""
    learners: list[str]
    """Keys of the learners, the baseline among them, in the order in which they are tried."""
    budget_s: int
    """Seconds."""
    seed: int
    """Seed of everything random."""
    choices: dict[str, Any]
    """Validation, class weights and settings of learners (Choices.to_dict)."""


class TrainForm(ChoiceForm):
    """Target, columns, task, metric, learners, budget and seed; all but the first two may be left out."""

    once = HiddenField(default=new_key, render_kw={"autocomplete": "off"})
    target = SelectField("What should be predicted?", validate_choice=False)
    features = SelectMultipleField("From which columns?", validate_choice=False)
    task = SelectField("Task", validate_choice=False, default=_FIND)
    metric = SelectField("Metric that ranks the learners", validate_choice=False, default="")
    learners = SelectMultipleField("Learners", validate_choice=False)
    budget = Whole("Time budget in seconds", default=DEFAULT_BUDGET_S)
    seed = Whole(
        "Seed",
        default=0,
        validators=[Optional(), NumberRange(0, _MAX_SEED, f"Give a whole number from 0 to {_MAX_SEED:,}.")],
        description="The same seed gives the same folds and the same models.",
    )
    update = SubmitField("Show what fits this target")

    def __init__(self, *args: Any, profile: Profile, max_budget_s: int, max_rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profile, self.max_budget_s, self.max_rows = profile, max_budget_s, max_rows
        self.known = {choice.name: choice for choice in choices.targets(profile)}
        names = {plain_lines(name): name for name in self.known}
        for field in (self.target, self.group_column, self.time_column):
            field.data = names.get(plain_lines(field.data or ""), field.data)
        self.features.data = [names.get(plain_lines(name), name) for name in self.features.data or ()]
        self.target.choices = [("", "Choose a column"), *(_option(choice) for choice in self.known.values())]
        self.metric.choices = [("", "The usual one for the task"), *(_metric_option(one) for one in METRICS)]
        self.features.choices = [(name, name) for name in self.known]
        self.task.choices = [
            (_FIND, "Find it from the column"),
            *((task, task.capitalize()) for task in TASKS),
        ]
        self.propose()

    def propose(self) -> None:
        """Fill what depends on the target and the task at hand."""
        self.two_classes = self.chosen_target.classes if self.chosen_target else ()
        self.offer(self.profile, self.target.data or "", self.settled_task, self.max_rows)

    @property
    def chosen_target(self) -> choices.Target | None:
        """The target as the profile knows it, once one is chosen."""
        return self.known.get(self.target.data or "")

    @property
    def settled_task(self) -> str:
        """The task chosen, or the one found; empty while there is none."""
        if self.task.data in TASKS:
            return str(self.task.data)
        return self.chosen_target.task if self.chosen_target else ""

    def fill_in(self, target: str) -> None:
        """Set what a fresh form shows for a target: every column that can help, every learner."""
        self.target.data = target if target in self.known else ""
        useful = [one.name for one in choices.features(self.profile) if not one.warning]
        self.features.data = [name for name in useful if name != target]
        self.learners.data = [key for key in LEARNER if key != BASELINE]
        self.budget.data = min(DEFAULT_BUDGET_S, self.max_budget_s)
        self.propose()

    def ask_again(self, experiment: Experiment) -> None:
        """Show the question of an earlier experiment, as far as the table still has its columns."""
        self.fill_in(experiment.target)
        self.features.data = [name for name in experiment.features if name in self.known]
        self.task.data, self.metric.data = experiment.task, experiment.metric
        self.learners.data = list(experiment.learners)
        self.budget.data, self.seed.data = min(experiment.budget_s, self.max_budget_s), experiment.seed
        self.show_choices(Choices.from_dict(experiment.choices_json))
        self.propose()

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then the column that rows are cut by, which depends on the target."""
        valid = super().validate(extra_validators)
        if not self.cut.errors and not self.target.errors:
            self.refuse_cut(self.target.data or "")
        if self.class_weights.data and not self.class_weights.errors and self.settled_task == "regression":
            self.class_weights.errors = [
                "Class weights are for classification. Choose none for a regression."
            ]
        if self.positive.data and self.target.data in self.known:
            self.positive.errors = [*self.positive.errors, *self._positive_refusal()]
        return valid and not self.errors

    def validate_target(self, field: SelectField) -> None:
        """It must be a column of which something can be learned."""
        if not field.data:
            raise ValidationError("Choose the column to predict.")
        choice = self.known.get(field.data)
        if choice is None:
            raise ValidationError(_unknown(field.data))
        if not choice.task:
            raise ValidationError(choice.sentence)

    def validate_features(self, field: SelectMultipleField) -> None:
        """At least one known column that can help, and not the target."""
        for name in field.data:
            if name not in self.known:
                raise ValidationError(_unknown(name))
        if self.target.data in field.data:
            field.data = [name for name in field.data if name != self.target.data]
            raise ValidationError(
                f"“{self.target.data}” is to be predicted, so it cannot be predicted from itself. "
                "It is unticked now; look over the columns and send the form again."
            )
        if not field.data:
            raise ValidationError("Tick at least one column to learn from.")
        known = {one.name: one for one in choices.features(self.profile)}
        if not any(known[name].usable for name in field.data):
            name = field.data[0]
            raise ValidationError(f"“{name}”: {known[name].warning} Tick at least one other column.")

    def validate_task(self, field: SelectField) -> None:
        """A task that the target allows."""
        if field.data not in ("", _FIND, *TASKS):
            raise ValidationError(f"There is no task “{field.data}”. Choose classification or regression.")
        choice = self.chosen_target
        if choice is None or not choice.task:
            return
        refuse = {
            "regression": choices.regression_refusal(choice),
            "classification": choices.classification_refusal(choice, self.profile.n_rows),
        }
        if refuse.get(field.data):
            raise ValidationError(refuse[field.data])

    def validate_metric(self, field: SelectField) -> None:
        """A metric of the task."""
        fitting = [metric.key for metric in self.fitting_metrics]
        if field.data and fitting and field.data not in fitting:
            titles = ", ".join(metric.title for metric in self.fitting_metrics)
            raise ValidationError(
                f"This metric does not fit the target and the task. Choose one of: {titles}."
            )

    def validate_learners(self, field: SelectMultipleField) -> None:
        """Known ones, of which one fits the task; none ticked means all."""
        for key in field.data:
            if key not in LEARNER:
                raise ValidationError(f"There is no learner “{key}”. Tick some of those below.")
        task = self.settled_task
        if field.data and task and not self._fitting_learners(task):
            raise ValidationError(f"None of the ticked learners does {task}. Tick at least one that does.")

    def validate_budget(self, field: IntegerField) -> None:
        """Within the bounds of this site."""
        if field.errors or (field.data is not None and 1 <= field.data <= self.max_budget_s):
            return
        if field.data is None:
            if not field.raw_data:
                return  # left out by a program: the default holds
            raise ValidationError("Give a whole number of seconds.")
        raise ValidationError(f"Give a time from 1 to {self.max_budget_s:,} seconds.")

    @property
    def found(self) -> str:
        """Why this task is proposed, or why the target cannot be forecast; empty without a target."""
        return self.chosen_target.sentence if self.chosen_target else ""

    @property
    def notices(self) -> tuple[str, ...]:
        """What else to know of the target; empty without one."""
        choice = self.chosen_target
        return choice.notices.get(self.settled_task, ()) if choice else ()

    @property
    def fitting_metrics(self) -> tuple[Metric, ...]:
        """Metrics of the target and task at hand, the headline first."""
        choice = self.chosen_target
        return metrics_for(self.settled_task, choice.n_classes) if choice and self.settled_task else ()

    def _usual_metric(self) -> str:
        """The metric that suits the target where none was chosen: one that sees chances for rare classes.

        Where rare classes count more, chances come out too high on purpose, which such a metric would blame.
        """
        usual = self.fitting_metrics[0].key
        if self.class_weights.data:
            return usual
        return ranking_metric(self.profile.column(self.target.data), self.settled_task) or usual

    def question(self) -> Question:
        """What was asked; only after the form was found valid."""
        chosen, task = set(self.features.data), self.settled_task
        learners = [BASELINE, *(self._fitting_learners(task) or _all_learners(task))]
        return Question(
            target=self.target.data,
            features=[column.name for column in self.profile.columns if column.name in chosen],
            task=task,
            metric=self.metric.data or self._usual_metric(),
            learners=learners,
            budget_s=self.budget.data or min(DEFAULT_BUDGET_S, self.max_budget_s),
            seed=self.seed.data or 0,
            choices=self.choices_made(learners).to_dict(),
        )

    def _positive_refusal(self) -> list[str]:
        """Why the chosen class is not one of two, or nothing."""
        if self.settled_task == "classification" and self.positive.data in self.two_classes:
            return []
        return ["This target has no such class among two. Choose one of its two classes, or the usual one."]

    def _fitting_learners(self, task: str) -> list[str]:
        ticked = set(self.learners.data or ())
        return [key for key in _all_learners(task) if key in ticked]


def _all_learners(task: str) -> list[str]:
    return [learner.key for learner in learners_for(task) if learner.key != BASELINE]


def _option(choice: choices.Target) -> tuple[str, str, dict[str, str]]:
    """A target with what the page's script shows when it is chosen."""
    said = {
        "data-task": choice.task,
        "data-sentence": choice.sentence,
        "data-binary": str(choice.n_classes == 2),
        "data-classes": json.dumps(choice.classes),
        "data-notices": json.dumps(choice.notices),
    }
    return choice.name, choice.name, said


def _metric_option(metric: Metric) -> tuple[str, str, dict[str, str]]:
    task = " and ".join(metric.tasks)
    only = ", two classes" if metric.binary_only else ""
    said = {
        "data-tasks": " ".join(metric.tasks),
        "data-binary": str(metric.binary_only),
        "data-sentence": metric.sentence,
    }
    return metric.key, f"{metric.title} ({task}{only})", said


def _unknown(name: str) -> str:
    return f"There is no column “{name}” in this dataset. Choose one of its columns."
