"""What an experiment's page shows beside the leaderboard: clock, log, scores over time, the final models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from beanft.agreed import limits_of_experiment
from beanft.engine.charts.axes import Option
from beanft.engine.charts.experiments import Moment, moments_of, scores_figure
from beanft.engine.checks.training.limits import Limits
from beanft.engine.learning.learners import BASELINE, ENSEMBLE, title_of
from beanft.filters import duration
from beanft.models import Experiment, Run
from beanft.models.types import now
from beanft.train.bars import score_of
from beanft.train.board import Board, Row, make_board
from beanft.train.judged import Judged, learning_option, make_judged
from beanft.train.services import MORE_S, CannotContinueError

LOG_SHOWN = 8
"""Sentences of the log that are shown; earlier ones are folded."""
MORE_CHOICES = (("1 minute", 60), ("5 minutes", 300), ("15 minutes", 900))
"""For how long a training can be continued, in words and seconds."""
_LEAST_OVER_S, _SHARE_OVER = 2.0, 0.1  # less than that over the time is no news
_LAST_STEPS = (
    "Weighing the runs",
    "Opening the locked rows",
    "Writing the reports",
    "Learning from all rows",
)
_HUNDRED = 100
_NO_TIME = "No time was left to learn"
CUT_SHORT = "The time limit cut this search, so the same seed can give another order."
STOPPED = "This search was stopped by hand, so the same seed can give another order."


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How much time a training has used of what it was given, and how much memory."""

    elapsed_s: float
    """Seconds of the latest attempt."""
    budget_s: float
    """Seconds that it was given."""
    unfinished: bool
    """Whether it still runs."""
    continued: bool
    """Whether this is time that was added to an earlier training."""
    memory_mb: float | None
    """Most memory that a run needed."""

    @property
    def over_s(self) -> float:
        """Seconds beyond what was given, once it has ended; 0 where that is hardly to be seen."""
        over = self.elapsed_s - self.budget_s
        return over if not self.unfinished and over > max(_LEAST_OVER_S, _SHARE_OVER * self.budget_s) else 0.0

    @property
    def words(self) -> str:
        """Such as “38 of 120 s”; once the time is up it says what is still done."""
        if self.unfinished and self.elapsed_s > self.budget_s:
            return f"{self.budget_s:,.0f} s are over: the last steps are made"
        if self.unfinished:
            return f"{self.elapsed_s:,.0f} of {self.budget_s:,.0f} s"
        return f"{duration(self.elapsed_s)} of {self.budget_s:,.0f} s"


@dataclass(frozen=True, kw_only=True)
class Card:
    """One of the two models that an ended experiment puts forward."""

    title: str
    """Why it is put forward."""
    row: Row
    """Its run."""
    sentence: str
    """What it is good for."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """Everything beside the leaderboard."""

    clock: Clock | None
    """None before the training has begun."""
    moments: list[Moment]
    """Scores over time; empty for experiments that did not note them."""
    log: list[dict[str, Any]]
    """The latest sentences, the newest last."""
    log_before: list[dict[str, Any]]
    """Those before them."""
    cards: list[Card]
    """The final model, and the simplest that cannot be told apart from it."""
    cards_title: str
    """What stands above them."""
    gone: str
    """That the final model was deleted; empty when it was not."""
    judged: Judged
    """What was found at the end."""
    over: str
    """Where the time went when it took longer than asked; empty when it did not."""
    cut_short: str
    """That the time limit cut the search, or that it was stopped by hand; empty when it was done."""
    weights: str
    """What the ensemble is made of, in words; empty without one."""
    version: str
    """Changes whenever the pictures do."""


def make_live(experiment: Experiment, board: Board, runs: Sequence[Run]) -> Live:
    """Gather what the page shows of an experiment as it stands."""
    result, log = experiment.result_json or {}, list(experiment.log_json or ())
    moments, clock = _moments(board, runs), _clock(experiment, runs)
    limits = limits_of_experiment(experiment)
    cards = [] if board.verdict.code == "guessing" else _cards(result, board, limits)
    return Live(
        clock=clock,
        moments=moments,
        log=log[-LOG_SHOWN:],
        log_before=log[:-LOG_SHOWN],
        cards=cards,
        cards_title=_cards_title(cards, limits),
        gone=_gone(result, board),
        judged=make_judged(experiment, {row.key: row.title for row in board.rows}),
        over=_over(clock, log),
        cut_short=_cut_short(experiment),
        weights=_weights(result.get("weights") or {}, board, experiment.task),
        version=f"{len(moments)}-{experiment.state}",
    )


def scores_option(experiment: Experiment, board: Board, runs: Sequence[Run]) -> Option | None:
    """The picture of the scores over time; None while there is nothing to draw."""
    moments, clock = _moments(board, runs), _clock(experiment, runs)
    if not moments:
        return None
    guess = next((row.score for row in board.rows if row.is_baseline), None)
    end_s = moments[-1].s if clock is None else max(moments[-1].s, clock.elapsed_s if clock.unfinished else 0)
    return scores_figure(
        moments, metric=board.headline.title, end_s=end_s, baseline=guess.value if guess else None
    )


def figure(name: str, experiment: Experiment, runs: Sequence[Run]) -> Option | None:
    """One picture of an experiment as an ECharts option; None where there is no such picture."""
    if name == "scores":
        return scores_option(experiment, make_board(experiment, runs), runs)
    return learning_option(experiment) if name == "learning" else None


def seconds_asked(text: str, *, most: int) -> int:
    """Read for how long a training should go on; nothing means five minutes.

    Raises
    ------
    CannotContinueError
        It is no number of seconds that the settings allow.
    """
    text = text.strip() or str(min(most, 300))
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= seconds <= most:
        raise CannotContinueError(f"Give a time from 1 to {most:,} seconds to continue for.")
    return seconds


def _clock(experiment: Experiment, runs: Sequence[Run]) -> Clock | None:
    job = experiment.job
    if job is None or job.started_at is None or job.state == "queued":
        return None
    needed = [float(run.facts["memory_mb"]) for run in runs if run.facts.get("memory_mb")]
    return Clock(
        elapsed_s=((job.finished_at or now()) - job.started_at).total_seconds(),
        budget_s=float(job.params.get(MORE_S) or experiment.budget_s),
        unfinished=job.unfinished,
        continued=bool(job.params.get(MORE_S)),
        memory_mb=max(needed, default=None),
    )


def _cut_short(experiment: Experiment) -> str:
    if not (experiment.result_json or {}).get("cut_short"):
        return ""
    return STOPPED if was_stopped(experiment) else CUT_SHORT


def was_stopped(experiment: Experiment) -> bool:
    """Whether somebody ended the search before its time; of old ones the job knows whether that was asked."""
    stopped = (experiment.result_json or {}).get("stopped")
    return bool(experiment.job and experiment.job.wraps_up) if stopped is None else bool(stopped)


def _over(clock: Clock | None, log: Sequence[Mapping[str, Any]]) -> str:
    """Say that more time was used than was given, and which steps of the end took longest."""
    if clock is None or not clock.over_s:
        return ""
    said = f"It took {duration(clock.over_s)} longer than asked, because the end of a training is not cut off"
    longest = [one for one in sorted(_late_steps(clock, log), reverse=True)[:2] if one[0] >= 1]
    if not longest:
        return f"{said}: the locked rows, the reports and a last fit."
    steps = " and ".join(f"{words} ({duration(s)})" for s, words in longest)
    is_most = sum(s for s, _ in longest) > clock.over_s / 2
    return f"{said}. {'Most' if is_most else 'Part'} of it: {steps}."


def _late_steps(clock: Clock, log: Sequence[Mapping[str, Any]]) -> list[tuple[float, str]]:
    """Seconds of each last step after the time was over, and the step in words.

    The log also counts the seconds of earlier attempts, so its end is what is counted back from. It ends no
    later than the training, so the steps never add up to more than the time they explain.
    """
    if not log:
        return []
    over_from = max(clock.budget_s, float(log[-1]["s"]) - clock.over_s)
    steps = [pair for pair in pairwise(log) if str(pair[0]["sentence"]).startswith(_LAST_STEPS)]
    return [
        (float(after["s"]) - max(over_from, float(step["s"])), _step_words(step, after))
        for step, after in steps[-len(_LAST_STEPS) :]
    ]


def _step_words(step: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """A last step in words; what the next sentence says there was no time for was given up."""
    words = str(step["sentence"]).removesuffix(".").lower()
    given_up = words.startswith("learning from all") and str(after["sentence"]).startswith(_NO_TIME)
    return f"{words}, which was given up" if given_up else words


def _moments(board: Board, runs: Sequence[Run]) -> list[Moment]:
    """The runs with a score and a time; the baseline is the line that they are compared with."""
    known = []
    for run in runs:
        score, ended_s = score_of(run, pooled=board.has_intervals), run.facts.get("ended_s")
        if run.state == "ready" and run.learner != BASELINE and score and ended_s is not None:
            known.append((float(ended_s), run.title, score.value))
    return moments_of(known, greater_is_better=board.headline.greater_is_better)


def _cards(result: Mapping[str, Any], board: Board, limits: Limits) -> list[Card]:
    final, simple = board.row(result.get("final")), board.row(result.get("simple"))
    cards = []
    if final is not None and final.model_id:
        n_members = sum(share > 0 for share in (result.get("weights") or {}).values())
        sentence = f"{_why_final(final, board, n_members)} {_what_of_final(final, board, limits)}".rstrip()
        cards.append(Card(title="The final model", row=final, sentence=sentence))
    if cards and final is not None and simple is not None and simple.model_id and simple is not final:
        sentence = f"{_why_simple(simple, final)}. {_what_of_simple(limits)}".rstrip()
        cards.append(Card(title="The simplest tied model", row=simple, sentence=sentence))
    return cards


def _cards_title(cards: Sequence[Card], limits: Limits) -> str:
    """A model behind a simple guess is none to use."""
    models = "models" if len(cards) > 1 else "model"
    return f"The {models} that came of it" if limits.beaten else f"The {models} to use"


def _what_of_final(final: Row, board: Board, limits: Limits) -> str:
    """What to do with the final model: it is recommended only where nothing speaks against it."""
    said = []
    is_shown = not final.standing or board.verdict.better.get(final.key, True)
    if not is_shown:
        said.append("While rows were unseen it was not shown to do better than guessing.")
    if board.verdict.code == "unconfirmed":
        said.append(
            "But the locked rows do not confirm that it is better than guessing."
            if is_shown
            else "Nor do the locked rows show it."
        )
    said += limits.sentences
    if not said and _leads(final, board):
        said.append("Take it when the score is all that counts.")
    return " ".join(said)


def _what_of_simple(limits: Limits) -> str:
    if limits.beaten:
        return ""
    if limits.conditions or limits.answers or limits.unchecked:
        return "The same holds for it."
    return "Take it when it has to be explained, or to be quick."


def _leads(final: Row, board: Board) -> bool:
    return final.rank == 1 and (final.best or board.best is None)


def _why_final(final: Row, board: Board, n_members: int) -> str:
    """Why a run is final: an ensemble also is where another is ahead of it by no more than chance.

    One member alone, its probabilities mended, is kept like an ensemble but is none.
    """
    if _leads(final, board):
        return "It scores best on the rows while they were unseen."
    if not final.tied or board.best is None:
        return "It was chosen by the rows while they were unseen, before the locked rows were opened."
    why = f"It cannot be told apart from {board.best.title}, which leads the leaderboard"
    if final.learner != ENSEMBLE:
        return f"{why}."
    if n_members == 1:
        return f"{why}; its probabilities were brought closer to what came true."
    return f"{why}; an ensemble owes less of its score to luck than the best of many."


def _why_simple(simple: Row, final: Row) -> str:
    """Why a run is offered beside the final one: ties are those with the best, which may be itself."""
    if simple.best:
        return "It leads the leaderboard, but cannot be told apart from the final model"
    than = "the best one's" if final.tied else "the final model's"
    return f"It is tied with the best: its score cannot be told apart from {than}"


def _gone(result: Mapping[str, Any], board: Board) -> str:
    final = board.row(result.get("final"))
    if final is None or not final.is_deleted:
        return ""
    return f"The final model, {final.title}, was deleted. Its scores stay."


def _weights(weights: Mapping[str, float], board: Board, task: str) -> str:
    """What the ensemble is made of, the largest share first; of one alone there is nothing to say."""
    shares = sorted(((share, key) for key, share in weights.items() if share > 0), reverse=True)
    if len(shares) < 2:
        return ""
    percents = _percents([share for share, _ in shares])
    words = [
        f"{percent} % {_title(key, board, task)}" for percent, (_, key) in zip(percents, shares, strict=True)
    ]
    return f"The ensemble is {_listed(words)}: each has that say in every prediction."


def _percents(shares: Sequence[float]) -> list[str]:
    """Whole percents where they add up to 100, else with a decimal: equal shares never look different."""
    exact = [100 * share / sum(shares) for share in shares]
    whole = [round(one) for one in exact]
    if sum(whole) == _HUNDRED and all(whole):
        return [str(one) for one in whole]
    return [f"{one:.1f}" for one in exact]


def _title(key: str, board: Board, task: str) -> str:
    row = board.row(key)
    return row.title if row else title_of(key, task)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
