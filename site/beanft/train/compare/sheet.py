"""Models side by side: a line for each thing worth knowing, with a cell of each model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.calibration_kinds import NONE
from beanft.engine.learning.learners import LEARNER
from beanft.engine.learning.metrics import METRIC
from beanft.filters import duration, number, percent, plus_minus, size
from beanft.models import Experiment, Run, TrainedModel
from beanft.train.compare.services import Measured, size_bytes
from beanft.train.compare.words import interval

_NAMED = 12  # columns named in a cell; the others are counted
_LONG = 200  # characters of a setting
_BY = {"group": "whole groups of “{}” together", "time": "later rows of “{}” tested", "": "by chance"}
_ROLES = {"final": "final model", "simple": "simplest tied model"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing worth knowing of each model."""

    title: str
    """What it is."""
    cells: tuple[str, ...]
    """The words of each model."""
    part: str
    """Which part of the table it belongs to: Scores, Question, How it was measured, Settings or Cost."""

    @property
    def differs(self) -> bool:
        """Whether the models differ in it."""
        return len(set(self.cells)) > 1


def lines(models: Sequence[TrainedModel], measured: Measured, metric: str) -> list[Line]:
    """Everything side by side, the scores first."""
    made = [*_scores(models, measured, metric), *_question(models), *_settings(models), *_cost(models)]
    return [line for line in made if any(cell != "–" for cell in line.cells)]


def _scores(models: Sequence[TrainedModel], measured: Measured, metric: str) -> list[Line]:
    title = METRIC[metric].title
    contest, place = measured.contest, measured.place
    unseen, locked, rows = [], [], []
    for model in models:
        i = place.get(model.id)
        if contest is None or i is None:
            folds = (model.run.facts.get("metrics") or {}).get(metric) or {}
            unseen.append(f"{plus_minus(folds.get('mean'), folds.get('sd'))} (mean and spread of the folds)")
            locked.append("not known")
            rows.append("–")
            continue
        found = contest.unseen[i]
        unseen.append(interval(found))
        locked.append("not opened for it" if contest.locked[i] is None else interval(contest.locked[i]))
        sample = f" (a sample of {number(found.of_rows)})" if found.n_rows < found.of_rows else ""
        rows.append(f"{number(found.n_rows)}{sample}")
    return [
        _line("Scores", f"{title} on rows while they were unseen", unseen),
        _line("Scores", f"{title} on the locked rows", locked),
        _line("Scores", "Rows tested while unseen", rows),
    ]


def _question(models: Sequence[TrainedModel]) -> list[Line]:
    asked = [model.run.experiment for model in models]

    def line(part: str, title: str, of: Callable[[Experiment], str]) -> Line:
        return _line(part, title, [of(one) for one in asked])

    return [
        line("Question", "Version of the data", _version),
        line("Question", "Task", lambda one: one.task),
        line("Question", "Ranked by", lambda one: METRIC[one.metric].title),
        _line("Question", "Columns", [number(len(one.features)) for one in asked]),
        _line("Question", "Without these, which another one has", _lacking([one.features for one in asked])),
        line("How it was measured", "Locked away", _locked),
        line("How it was measured", "Folds", _folds),
        line("How it was measured", "Seed", lambda one: str(one.seed)),
        line(
            "How it was measured", "Class weights", lambda one: one.choices_json.get("class_weights") or "–"
        ),
        line("How it was measured", "Class to be found", lambda one: one.choices_json.get("positive") or "–"),
        line(
            "How it was measured",
            "Repeated rows",
            lambda one: "once" if one.choices_json.get("distinct") else "all",
        ),
    ]


def _version(experiment: Experiment) -> str:
    version = experiment.version
    return f"{version.number} ({number(version.n_rows)} rows)"


def _lacking(features: Sequence[Sequence[str]]) -> list[str]:
    """For each model the columns that another one has and it has not, in the order of that one."""
    union = list(dict.fromkeys(name for names in features for name in names))
    cells = []
    for names in features:
        has = set(names)
        missing = [f"“{name}”" for name in union if name not in has]
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        cells.append(", ".join(missing[:_NAMED]) + more if missing else "–")
    return cells


def _split(experiment: Experiment) -> Mapping[str, Any]:
    return (experiment.result_json or {}).get("split") or {}


def _locked(experiment: Experiment) -> str:
    split = _split(experiment)
    if "n_holdout" not in split:
        return "–"
    n_all = split["n_train"] + split["n_holdout"]
    how = _BY.get(split.get("by", ""), "by chance").format(split.get("column", ""))
    return f"{number(split['n_holdout'])} rows, {percent(split['n_holdout'] / n_all)}, {how}"


def _folds(experiment: Experiment) -> str:
    split = _split(experiment)
    if "n_folds" not in split:
        return "–"
    repeats = split.get("n_repeats", 1)
    return f"{split['n_folds']}, {repeats} times over" if repeats > 1 else str(split["n_folds"])


def _settings(models: Sequence[TrainedModel]) -> list[Line]:
    """The learner, and each setting of any of them."""
    learners = [model.run.learner for model in models]
    titles = [LEARNER[key].title if key in LEARNER else key.capitalize() for key in learners]
    given = [settings_of(model.run) for model in models]
    keys = dict.fromkeys(key for one in given for key in one)
    return [
        _line("Settings", "Learner", titles),
        _line("Settings", "Role", [_ROLES.get(model.role, "–") for model in models]),
        *(_line("Settings", key, [one.get(key, "–") for one in given]) for key in keys),
    ]


def settings_of(run: Run) -> dict[str, str]:
    """The settings of a run in words; those of old runs are one text."""
    given = run.facts.get("settings")
    if not isinstance(given, Mapping):
        return {"All settings": str(given)[:_LONG]} if given else {}
    learner = LEARNER.get(run.learner)
    titles = {one.key: one.title for one in learner.settings} if learner else {}
    members = {one.key: one.title for one in run.experiment.runs}
    return {
        titles.get(key, str(key).replace("_", " ").capitalize()): _said(key, value, members)
        for key, value in given.items()
    }


def _said(key: str, value: Any, members: Mapping[str, str]) -> str:
    """A value in words; a mapping holds the shares of runs, by their titles."""
    if key == "calibration":
        return "not calibrated" if value in (None, NONE) else str(value)
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, Mapping):
        text = ", ".join(_share(members.get(name, name), one) for name, one in _largest_first(value))
    else:
        text = ", ".join(map(str, value)) if isinstance(value, list) else number(value)
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


def _largest_first(shares: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(shares.items(), key=lambda one: -one[1] if isinstance(one[1], (int, float)) else 0.0)


def _share(title: str, share: Any) -> str:
    return f"{100 * share:.1f} % {title}" if isinstance(share, float) else f"{title} {share}"


def _cost(models: Sequence[TrainedModel]) -> list[Line]:
    budgets = [duration(model.run.experiment.budget_s) for model in models]
    memory = [model.run.facts.get("memory_mb") for model in models]
    return [
        _line("Cost", "Training of this model", [duration(model.run.seconds) for model in models]),
        _line("Cost", "Budget of the experiment", budgets),
        _line("Cost", "Memory", [f"{number(round(one))} MB" if one else "–" for one in memory]),
        _line("Cost", "Size of its file", [size(size_bytes(model=model)) for model in models]),
        _line("Cost", "Made", [model.created_at.strftime("%Y-%m-%d %H:%M UTC") for model in models]),
    ]


def _line(part: str, title: str, cells: Sequence[str]) -> Line:
    return Line(part=part, title=title, cells=tuple(cells))
