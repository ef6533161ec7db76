"""The leaderboard: runs in order, each beside the baseline, with the words and bars that the page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.learners import BASELINE, LEARNER, title_of
from beanft.engine.learning.metrics import METRIC, Metric, metrics_for
from beanft.engine.learning.verdict import Verdict, judge
from beanft.models import Experiment, Run

BAR_WIDTH = 140
"""Width of the picture of an interval, in its own units."""
_MARGIN = 8  # room for dots and arrow heads at both ends
_BEYOND = 1.0  # how far below the baseline the scale reaches, in lengths from it to the best
_ABOVE = 0.25  # how far it reaches beyond the best, in the same lengths; a wild spread is cut there
_SIDE = {True: "above", False: "below"}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Mean and spread of a run and the baseline's mean as places on one scale, 0 to BAR_WIDTH."""

    low: float
    """Left end of mean ± spread."""
    high: float
    """Right end of mean ± spread."""
    mean: float
    """The dot."""
    baseline: float | None
    """The line of the baseline, if it is known."""
    beyond: str
    """“left” or “right” when the mean is off the scale, else empty."""
    words: str
    """The same for people who cannot see it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One learner on the leaderboard."""

    learner: str
    """Its key."""
    title: str
    """Its name."""
    state: str
    """queued, running, ready, failed or cancelled."""
    rank: int | None
    """1 for the best; None while it has no score, and for the baseline."""
    mean: float | None
    """Mean score over the folds."""
    sd: float | None
    """Spread over the folds."""
    bar: Bar | None
    """The picture of mean and spread."""
    difference: float | None
    """How much better than the baseline in the metric's unit; negative is worse."""
    standing: str
    """“better than guessing”, “within noise of guessing”, “worse than guessing”, or empty."""
    best: bool
    """Whether it is the best one."""
    tied: bool
    """Whether it cannot be told apart from the best."""
    metrics: Mapping[str, Mapping[str, float | None]]
    """Mean and spread of the other metrics by key."""
    seconds: float | None
    """Time it took."""
    error: str
    """Why it has no score."""
    notes: Sequence[str]
    """What the user should know of it."""
    model_id: int | None
    """Its model, once it is kept."""

    @property
    def is_baseline(self) -> bool:
        """Whether it is the one that the others are compared with."""
        return self.learner == BASELINE

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        names = ("learner", "title", "state", "rank", "mean", "sd", "difference", "standing", "best", "tied")
        facts = {name: getattr(self, name) for name in names}
        return facts | {"seconds": self.seconds, "error": self.error or None, "model": self.model_id}


@dataclass(frozen=True, kw_only=True)
class Board:
    """The leaderboard of an experiment as it stands."""

    rows: list[Row]
    """Best first, then those that failed, then those still to come."""
    verdict: Verdict
    """The outcome so far."""
    headline: Metric
    """The metric that ranks."""
    others: list[Metric]
    """The other metrics that the runs have."""
    n_ready: int
    """Learners with a score."""
    doubt: str
    """Why the best score may be too good to be true, in words; empty when there is no such sign."""

    @property
    def n_untried(self) -> int:
        """Learners that were never judged."""
        return sum(row.state == "cancelled" for row in self.rows)

    @property
    def best(self) -> Row | None:
        """The best row, if one is better than guessing."""
        return next((row for row in self.rows if row.best), None)


def make_board(experiment: Experiment, runs: Sequence[Run]) -> Board:
    """Put the runs of an experiment in order, and those that are still to come after them."""
    headline = METRIC[experiment.metric]
    verdict = judge([run.facts for run in runs])
    ready = [run for run in runs if run.state == "ready"]
    scale = _Scale(ready, headline)
    made = [_row(run, experiment, verdict, scale) for run in _ordered(ready, headline)]
    made = _ranked(made)
    made += [_row(run, experiment, verdict, scale) for run in runs if run.state != "ready"]
    done = {run.learner for run in runs}
    made += _waiting(experiment, [key for key in experiment.learners if key not in done])
    return Board(
        rows=made,
        verdict=verdict,
        headline=headline,
        others=_other_metrics(experiment, ready),
        n_ready=len(ready),
        doubt=_doubt(verdict, ready),
    )


def _doubt(verdict: Verdict, ready: Sequence[Run]) -> str:
    """A near-perfect score mostly means that a column tells the target in other words: name it."""
    best = next((run for run in ready if run.learner == verdict.best), None)
    if not verdict.too_good or best is None or best.model is None:
        return ""
    columns = best.model.report_json["importance"]["columns"]
    named = f" It leans most on “{columns[0]['name']}”." if columns else ""
    return (
        f"A score this close to perfect is rarely earned.{named} "
        "Check that no column tells the target in other words, or is known only afterwards; "
        "if one does, train again without it."
    )


def shown_verdict(experiment: Experiment, board: Board) -> str:
    """The verdict in words, with what the state of the training says of it."""
    sentence = board.verdict.sentence
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
    n_kept = sum(row.model_id is not None for row in board.rows)
    if not n_kept:
        return f"{stopped} before any model was ready."
    kept = (
        "The 1 model that was ready is kept."
        if n_kept == 1
        else f"The {n_kept} models that were ready are kept."
    )
    return f"{stopped}. {kept} Of these: {sentence}"


class _Scale:
    """One scale for all bars: from somewhat below the baseline to the best; what is far worse is cut."""

    def __init__(self, ready: Sequence[Run], metric: Metric) -> None:
        self.baseline = next((_mean(run) for run in ready if run.learner == BASELINE), None)
        ends = [end for run in ready for end in (_mean(run) - _sd(run), _mean(run) + _sd(run))] or [0.0, 1.0]
        low, high = min(ends), max(ends)
        if self.baseline is not None:
            sign = 1 if metric.greater_is_better else -1
            best = _ordered(ready, metric)[0]
            reach = max(sign * (_mean(best) - self.baseline) + _sd(best), _baseline_sd(ready))
            sides = (self.baseline - sign * reach * _BEYOND, self.baseline + sign * reach * (1 + _ABOVE))
            low, high = max(low, min(sides)), min(high, max(sides))
        self.low, self.high = (low, high) if high > low else (low - 0.5, low + 0.5)

    def bar(self, run: Run) -> Bar:
        """Place one run."""
        mean, sd = _mean(run), _sd(run)
        beyond = "left" if mean < self.low else "right" if mean > self.high else ""
        words = f"{mean:.3g} plus or minus {sd:.3g}"
        if self.baseline is not None and run.learner != BASELINE:
            words += f", {_SIDE[mean >= self.baseline]} the baseline's {self.baseline:.3g}"
        return Bar(
            low=self._place(mean - sd),
            high=self._place(mean + sd),
            mean=self._place(mean),
            baseline=None if self.baseline is None else self._place(self.baseline),
            beyond=beyond,
            words=words,
        )

    def _place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_MARGIN + min(1.0, max(0.0, share)) * (BAR_WIDTH - 2 * _MARGIN), 1)


def _mean(run: Run) -> float:
    return float(run.facts["mean"])


def _sd(run: Run) -> float:
    return float(run.facts.get("sd") or 0.0)


def _baseline_sd(ready: Sequence[Run]) -> float:
    return next((_sd(run) for run in ready if run.learner == BASELINE), 0.0)


def _ordered(ready: Sequence[Run], metric: Metric) -> list[Run]:
    return sorted(ready, key=_mean, reverse=metric.greater_is_better)


def _ranked(rows: Sequence[Row]) -> list[Row]:
    """Number the competitors; the baseline stands among them without a rank."""
    ranks = iter(range(1, len(rows) + 1))
    return [row if row.is_baseline else Row(**(vars(row) | {"rank": next(ranks)})) for row in rows]


def _row(run: Run, experiment: Experiment, verdict: Verdict, scale: _Scale) -> Row:
    facts, ready = run.facts, run.state == "ready"
    difference = None
    if ready and scale.baseline is not None and run.learner != BASELINE:
        sign = 1 if METRIC[experiment.metric].greater_is_better else -1
        difference = sign * (_mean(run) - scale.baseline)
    return Row(
        learner=run.learner,
        title=run.title,
        state=run.state,
        rank=None,
        mean=facts.get("mean") if ready else None,
        sd=facts.get("sd") if ready else None,
        bar=scale.bar(run) if ready else None,
        difference=difference,
        standing=_standing(run, verdict) if ready else "",
        best=run.learner == verdict.best,
        tied=run.learner in verdict.tied_with_best,
        metrics=facts.get("metrics") or {},
        seconds=run.seconds,
        error=run.error or "",
        notes=facts.get("notes") or (),
        model_id=run.model.id if run.model else None,
    )


def _standing(run: Run, verdict: Verdict) -> str:
    if run.learner not in verdict.better:
        return ""
    if verdict.better[run.learner]:
        return "better than guessing"
    return "worse than guessing" if run.learner in verdict.worse else "within noise of guessing"


def _waiting(experiment: Experiment, keys: Sequence[str]) -> list[Row]:
    """Learners without a run: the first is at work while the job runs; once it ended none will begin."""
    ended = experiment.state not in ("queued", "running")
    rows = []
    for i, key in enumerate(keys):
        state = "cancelled" if ended else "running" if i == 0 and experiment.state == "running" else "queued"
        rows.append(
            Row(
                learner=key,
                title=title_of(LEARNER[key], experiment.task),
                state=state,
                rank=None,
                mean=None,
                sd=None,
                bar=None,
                difference=None,
                standing="",
                best=False,
                tied=False,
                metrics={},
                seconds=None,
                error="Not finished: the training ended before its turn." if ended else "",
                notes=(),
                model_id=None,
            )
        )
    return rows


def _other_metrics(experiment: Experiment, ready: Sequence[Run]) -> list[Metric]:
    present = {key for run in ready for key in run.facts.get("metrics") or {}}
    return [
        metric
        for metric in metrics_for(experiment.task, 2)
        if metric.key in present and metric.key != experiment.metric
    ]
