"""The leaderboard: runs in order, ties together, each beside the baseline, with the words the page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from beanft.agreed import limits_of_experiment
from beanft.engine.learning.learners import BASELINE, title_of
from beanft.engine.learning.metrics import METRIC, Metric, metrics_for
from beanft.engine.plain import written
from beanft.models import Experiment, Run
from beanft.train.bars import Bar, Scale, Score, score_of
from beanft.train.deletion.services import DELETED

NOISE = "within noise of guessing"
"""How a run stands that was not shown to be better or worse than guessing."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The verdict as it was stored with the experiment."""

    code: str
    """waiting, baseline_only, guessing, better or unconfirmed."""
    sentence: str
    """The outcome in plain words."""
    best: str | None = None
    """Key of the best run that beats guessing."""
    better: Mapping[str, bool] = field(default_factory=dict)
    """By run: whether it beats guessing beyond chance."""
    worse: Sequence[str] = ()
    """Runs that do worse than guessing, beyond chance."""
    tied_with_best: Sequence[str] = ()
    """Runs that cannot be told apart from the best."""
    simplest: str | None = None
    """The simplest of these and the best."""
    too_good: bool = False
    """Whether the best score is so close to perfect that a column may tell the target in other words."""


_NOTHING_YET = Outcome(code="waiting", sentence="There is nothing to compare yet: the baseline is not ready.")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run on the leaderboard, or a learner that has none yet."""

    key: str
    """Key of the run; of the learner where there is no run."""
    learner: str
    """Key of its learner."""
    title: str
    """Its name."""
    state: str
    """queued, running, ready, failed or cancelled."""
    rank: int | None = None
    """1 for the best; None while it has no score, and for the baseline."""
    mean: float | None = None
    """Mean score over the folds."""
    sd: float | None = None
    """Spread over the folds."""
    score: Score | None = None
    """The headline score with its interval."""
    bar: Bar | None = None
    """The picture of it."""
    difference: float | None = None
    """How much better than the baseline in the metric's unit; negative is worse."""
    standing: str = ""
    """“better than guessing”, “within noise of guessing”, “worse than guessing”, or empty."""
    best: bool = False
    """Whether it is the best one."""
    tied: bool = False
    """Whether it cannot be told apart from the best."""
    final: bool = False
    """Whether it was chosen as the final model."""
    metrics: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    """Mean and spread of the other metrics by key."""
    settings: str = ""
    """What was chosen for its learner, in words."""
    seconds: float | None = None
    """Time it took."""
    memory_mb: float | None = None
    """Memory it took at most."""
    error: str = ""
    """Why it has no score, and what to do."""
    notes: Sequence[str] = ()
    """What the user should know of it."""
    model_id: int | None = None
    """Its model, once it is kept."""
    is_deleted: bool = False
    """Whether its model was deleted."""
    untried: bool = False
    """Whether nothing of it was ever tried, and nothing will be unless the training is continued."""

    @property
    def is_baseline(self) -> bool:
        """Whether it is the one that the others are compared with."""
        return self.learner == BASELINE

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        names = ("learner", "title", "state", "rank", "mean", "sd", "difference", "standing", "best", "tied")
        facts = {name: getattr(self, name) for name in names}
        interval = [self.score.low, self.score.high] if self.score and self.score.is_interval else None
        return facts | {
            "key": self.key,
            "interval": interval,
            "seconds": self.seconds,
            "memory_mb": self.memory_mb,
            "error": self.error or None,
            "model": self.model_id,
        }


@dataclass(frozen=True, kw_only=True)
class Group:
    """The best run of a learner, and its other settings folded under it."""

    lead: Row
    """The run that is shown."""
    more: list[Row]
    """The others of the same learner, best first."""
    place: int | None
    """1 for the best learner; None while it has no score, and for the baseline."""

    @property
    def summary(self) -> str:
        """How many other settings there are, in words."""
        n_failed = sum(row.state == "failed" for row in self.more)
        words = f"{len(self.more)} more setting{'s' if len(self.more) != 1 else ''} tried"
        return words + (f", {n_failed} failed" if n_failed else "")


@dataclass(frozen=True, kw_only=True)
class Board:
    """The leaderboard of an experiment as it stands."""

    rows: list[Row]
    """Best first, then those that failed, then those still to come."""
    verdict: Outcome
    """The outcome so far."""
    headline: Metric
    """The metric that ranks."""
    others: list[Metric]
    """The other metrics that the runs have."""
    n_ready: int
    """Runs with a score, the baseline not counted."""
    has_intervals: bool
    """Whether the scores have 95 % intervals, and not only a spread over the folds."""
    labels: tuple[str, ...]
    """The classes, once the training has named them; none for numbers."""
    doubt: str
    """Why the best score may be too good to be true, in words; empty when there is no such sign."""

    @property
    def n_failed(self) -> int:
        """Runs that failed."""
        return sum(row.state == "failed" for row in self.rows)

    @property
    def has_scores(self) -> bool:
        """Whether there is a score to be explained."""
        return any(row.score for row in self.rows)

    @property
    def simplest(self) -> Row | None:
        """The simplest of those that cannot be told apart, if it was found."""
        return self.row(self.verdict.simplest)

    @property
    def n_untried(self) -> int:
        """Runs that were not judged."""
        return sum(row.state == "cancelled" for row in self.rows)

    @property
    def best(self) -> Row | None:
        """The best row, if one is better than guessing."""
        return next((row for row in self.rows if row.best), None)

    @property
    def groups(self) -> list[Group]:
        """One for each learner, by its best run; the final model and the best one always stand alone.

        What a page names as final, or as best, must not be folded away under another.
        """
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.rows:
            is_apart = (row.learner, "") in found and (row.final or row.best)
            found.setdefault((row.learner, row.key if is_apart else ""), []).append(row)
        ranked = [rows[0].key for rows in found.values() if rows[0].rank]
        places = {key: place for place, key in enumerate(ranked, 1)}
        return [Group(lead=rows[0], more=rows[1:], place=places.get(rows[0].key)) for rows in found.values()]

    @property
    def tied(self) -> list[Group]:
        """The best learner and those that cannot be told apart from it; empty when it stands alone."""
        found = [group for group in self.groups if group.lead.best or group.lead.tied]
        return found if len(found) > 1 else []

    @property
    def has_unsteady_ties(self) -> bool:
        """Whether intervals of tied learners lie apart, so that only the folds tie them."""
        leads = [group.lead.score for group in self.tied if group.lead.score and group.lead.score.is_interval]
        return any(one.high < other.low for one in leads for other in leads)

    @property
    def apart(self) -> list[Group]:
        """All other learners that were tried or still will be."""
        tied = {group.lead.key for group in self.tied}
        return [group for group in self.groups if group.lead.key not in tied and not group.lead.untried]

    @property
    def untried(self) -> list[Row]:
        """Learners that were never tried, once the training has ended."""
        return [row for row in self.rows if row.untried]

    def row(self, key: str | None) -> Row | None:
        """The row of a run, if it is there."""
        return next((row for row in self.rows if row.key == key), None)


def make_board(experiment: Experiment, runs: Sequence[Run]) -> Board:
    """Put the runs of an experiment in order, and the learners that are still to come after them."""
    headline = METRIC[experiment.metric]
    verdict = _verdict(experiment)
    ready = [run for run in runs if run.state == "ready"]
    pooled = bool(ready) and all(run.facts.get("interval") for run in ready)
    scores = [(run, score) for run in ready if (score := score_of(run, pooled=pooled)) is not None]
    scores.sort(key=lambda pair: pair[1].value, reverse=headline.greater_is_better)
    scale = Scale(scores, headline)
    made = _ranked([_ready_row(run, score, headline, verdict, scale) for run, score in scores])
    final = (experiment.result_json or {}).get("final")
    made = [replace(row, final=row.key == final) for row in made]
    made.sort(key=lambda row: (not row.best, not row.tied))
    made += [_other_row(run) for run in runs if run.state != "ready"]
    tried = {run.learner for run in runs}
    made += [_waiting(experiment, key) for key in experiment.learners if key not in tried]
    return Board(
        rows=made,
        verdict=verdict,
        headline=headline,
        others=_other_metrics(experiment, ready),
        n_ready=sum(run.learner != BASELINE for run, _ in scores),
        has_intervals=pooled,
        labels=tuple((experiment.result_json or {}).get("labels") or ()),
        doubt=_doubt(verdict, ready),
    )


def _verdict(experiment: Experiment) -> Outcome:
    """The verdict as the training told it last, after each run; there is none before its first run."""
    stored = (experiment.result_json or {}).get("verdict")
    if not stored:
        return _NOTHING_YET
    names = Outcome.__dataclass_fields__
    return Outcome(**{name: value for name, value in stored.items() if name in names and value is not None})


def _doubt(verdict: Outcome, ready: Sequence[Run]) -> str:
    """A near-perfect score mostly means that a column tells the target in other words: name it."""
    best = next((run for run in ready if run.key == verdict.best), None)
    if not verdict.too_good or best is None or best.model is None:
        return ""
    columns = (best.model.report_json.get("importance") or {}).get("columns")
    named = f" It leans most on “{columns[0]['name']}”." if columns else ""
    return (
        f"A score this close to perfect is rarely earned.{named} "
        "Check that no column tells the target in other words, or is known only afterwards; "
        "if one does, train again without it."
    )


def shown_verdict(experiment: Experiment, board: Board) -> str:
    """The verdict in words, with what limits it and what the state of the training says of it."""
    sentence = limits_of_experiment(experiment).qualify(board.verdict.sentence, board.verdict.code)
    if experiment.state == "ready":
        return sentence
    if experiment.state == "queued" and not board.n_ready:
        return "No verdict yet: the training waits for its turn."
    if experiment.state in ("queued", "running"):
        if board.verdict.code in ("waiting", "baseline_only"):
            return "No verdict yet: the first learners are still at work."
        return f"So far: {sentence}"
    stopped = (
        "The training was cancelled" if experiment.state == "cancelled" else "The training stopped early"
    )
    kept_rows = [row for row in board.rows if row.model_id is not None]
    if not kept_rows:
        return f"{stopped} before any model was ready."
    kept = "The 1 model that was ready is kept."
    if len(kept_rows) > 1:
        among = ", the baseline among them," if any(row.is_baseline for row in kept_rows) else ""
        kept = f"The {len(kept_rows)} models that were ready{among} are kept."
    return f"{stopped}. {kept} Of these: {sentence}"


def _ranked(rows: Sequence[Row]) -> list[Row]:
    """Number the competitors; the baseline stands among them without a rank."""
    ranks = iter(range(1, len(rows) + 1))
    return [row if row.is_baseline else replace(row, rank=next(ranks)) for row in rows]


def _ready_row(run: Run, score: Score, metric: Metric, verdict: Outcome, scale: Scale) -> Row:
    facts, difference = run.facts, None
    if scale.baseline is not None and run.learner != BASELINE:
        difference = (1 if metric.greater_is_better else -1) * (score.value - scale.baseline)
    return replace(
        _other_row(run),
        mean=facts.get("mean"),
        sd=facts.get("sd"),
        score=score,
        bar=scale.bar(score, is_baseline=run.learner == BASELINE),
        difference=difference,
        standing=standing_of(run.key, verdict.better, verdict.worse),
        best=run.key == verdict.best,
        tied=run.key != verdict.best and run.key in verdict.tied_with_best,
        metrics=facts.get("metrics") or {},
        model_id=run.model.id if run.model else None,
    )


def _other_row(run: Run) -> Row:
    """What is known of a run whether it has a score or not."""
    return Row(
        key=run.key,
        learner=run.learner,
        title=run.title,
        state=run.state,
        settings=_settings(run.facts.get("settings")),
        seconds=run.seconds,
        memory_mb=run.facts.get("memory_mb"),
        error=run.error or "",
        notes=run.facts.get("notes") or (),
        is_deleted=DELETED in run.facts,
    )


def _settings(chosen: Any) -> str:
    """Settings in words; old runs have a text that only programmers read."""
    if not isinstance(chosen, Mapping):
        return ""
    plain = {name: value for name, value in chosen.items() if isinstance(value, str | int | float)}
    return ", ".join(f"{name.replace('_', ' ')} {_word(value)}" for name, value in plain.items())


def _word(value: Any) -> str:
    if isinstance(value, str | bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:.3g}"
    return written(value) if "e" in text else text.replace("-", "−")


def standing_of(key: str, better: Mapping[str, bool], worse: Sequence[str]) -> str:
    """How a run stands against guessing by the verdict of its experiment; empty where it has none.

    >>> standing_of("tree", {"tree": False}, []), standing_of("tree", {}, [])
    ('within noise of guessing', '')
    """
    if key not in better:
        return ""
    if better[key]:
        return "better than guessing"
    return "worse than guessing" if key in worse else NOISE


def _waiting(experiment: Experiment, key: str) -> Row:
    """A learner without a run: at work when the job says so; once the job ended it will not begin."""
    title = title_of(key, experiment.task)
    if experiment.state not in ("queued", "running"):
        error = "Not finished: the training ended before its turn."
        return Row(key=key, learner=key, title=title, state="cancelled", error=error, untried=True)
    message = (experiment.job.message if experiment.job else "") or ""
    at_work = experiment.state == "running" and title.partition(" (")[0] in message
    return Row(key=key, learner=key, title=title, state="running" if at_work else "queued")


def _other_metrics(experiment: Experiment, ready: Sequence[Run]) -> list[Metric]:
    present = {key for run in ready for key in run.facts.get("metrics") or {}}
    return [
        metric
        for metric in metrics_for(experiment.task, 2)
        if metric.key in present and metric.key != experiment.metric
    ]
