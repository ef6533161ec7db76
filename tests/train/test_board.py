"""The leaderboard."""

from __future__ import annotations

from typing import Any

from beanft.engine.learning.judging.verdict import empty, guessing_sentence
from beanft.models import Experiment, Job, Run
from beanft.train.bars import BAR_WIDTH
from beanft.train.board import make_board, shown_verdict
from train.stage import make_run

BASELINE = [0.50, 0.50, 0.50, 0.50, 0.50]
GOOD = [0.90, 0.91, 0.89, 0.90, 0.92]
ALSO = [0.91, 0.90, 0.90, 0.89, 0.90]
NOISE = [0.45, 0.56, 0.49, 0.53, 0.48]
KEYS = ["baseline", "logistic", "boosting", "neighbours"]


def _experiment(state: str = "ready", **values: Any) -> Experiment:
    given: dict[str, Any] = {"metric": "accuracy", "task": "classification", "learners": KEYS}
    return Experiment(job=Job(state=state), **(given | values))


def _verdict(**values: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "code": "better",
        "sentence": "Gradient boosting is better than guessing.",
        "best": "boosting-2",
        "better": {"boosting": True, "boosting-2": True, "logistic": True},
        "worse": [],
        "tied_with_best": ["logistic"],
        "simplest": "logistic",
        "too_good": False,
    }
    return given | values


JUDGED = _verdict(
    best="boosting",
    better={"boosting": True, "logistic": True, "neighbours": False},
)
"""What the engine says of `_runs`."""


def _runs() -> list[Run]:
    return [
        make_run("baseline", BASELINE),
        make_run("logistic", ALSO),
        make_run("boosting", GOOD),
        make_run("neighbours", NOISE),
    ]


def test_the_best_comes_first_and_the_baseline_has_no_rank() -> None:
    board = make_board(_experiment(), _runs())
    assert [(row.learner, row.rank) for row in board.rows] == [
        ("boosting", 1),
        ("logistic", 2),
        ("neighbours", 3),
        ("baseline", None),
    ]


def test_smaller_is_better_for_errors() -> None:
    runs = [
        make_run("baseline", [9.0, 9.2, 9.1], metric="rmse", task="regression"),
        make_run("ridge", [4.0, 4.1, 4.2], metric="rmse", task="regression"),
        make_run("boosting", [3.0, 3.1, 3.2], metric="rmse", task="regression"),
    ]
    board = make_board(_experiment(metric="rmse", task="regression", learners=["baseline"]), runs)
    assert [row.learner for row in board.rows] == ["boosting", "ridge", "baseline"]
    assert board.rows[0].difference is not None
    assert abs(board.rows[0].difference - 6.0) < 1e-9
    assert board.rows[0].bar is not None
    assert board.rows[0].bar.baseline is not None
    assert board.rows[0].bar.mean < board.rows[0].bar.baseline


def test_each_row_says_how_it_stands_to_guessing() -> None:
    experiment = _experiment(result_json={"verdict": JUDGED})
    standing = {row.learner: row.standing for row in make_board(experiment, _runs()).rows}
    assert standing["boosting"] == standing["logistic"] == "better than guessing"
    assert standing["neighbours"] == "within noise of guessing"
    assert standing["baseline"] == ""


def test_worse_than_guessing_is_said() -> None:
    bad = make_run("neighbours", [0.2, 0.21, 0.19, 0.2, 0.2], better={"low": -0.31, "high": -0.29})
    verdict = _verdict(code="guessing", best=None, better={"neighbours": False}, worse=["neighbours"])
    board = make_board(_experiment(result_json={"verdict": verdict}), [make_run("baseline", BASELINE), bad])
    assert board.rows[1].standing == "worse than guessing"


def test_ties_with_the_best_are_marked() -> None:
    experiment = _experiment(result_json={"verdict": JUDGED})
    rows = {row.learner: row for row in make_board(experiment, _runs()).rows}
    assert rows["boosting"].best
    assert rows["logistic"].tied
    assert not rows["neighbours"].tied


def test_all_bars_share_a_scale_and_stay_on_it() -> None:
    wild = make_run("logistic", [-90.0, 0.5, 0.5, 0.5, 0.5])
    board = make_board(_experiment(), [make_run("baseline", BASELINE), make_run("boosting", GOOD), wild])
    bars = [row.bar for row in board.rows if row.bar]
    assert len({bar.baseline for bar in bars}) == 1
    assert all(0 <= place <= BAR_WIDTH for bar in bars for place in (bar.low, bar.mean, bar.high))
    assert bars[-1].beyond == "left"
    assert bars[0].beyond == ""
    assert "above the baseline's 0.5" in bars[0].words


def test_a_lone_baseline_has_a_bar() -> None:
    (row, *_) = make_board(_experiment("running"), [make_run("baseline", BASELINE)]).rows
    assert row.bar is not None
    assert 0 < row.bar.mean < BAR_WIDTH


def test_failed_runs_keep_their_sentence_and_come_after_the_ready_ones() -> None:
    failed = make_run("boosting", GOOD, state="failed", error="Gradient boosting failed.")
    board = make_board(_experiment(), [make_run("baseline", BASELINE), failed, make_run("logistic", ALSO)])
    assert [row.learner for row in board.rows[:3]] == ["logistic", "baseline", "boosting"]
    assert board.rows[2].error == "Gradient boosting failed."
    assert board.rows[2].mean is None


def test_what_is_still_to_come_is_listed() -> None:
    experiment = _experiment("running")
    assert experiment.job is not None
    experiment.job.message = "Logistic regression, fold 2 of 5"
    board = make_board(experiment, [make_run("baseline", BASELINE)])
    assert [(row.learner, row.state) for row in board.rows[1:]] == [
        ("logistic", "running"),
        ("boosting", "queued"),
        ("neighbours", "queued"),
    ]


def test_after_a_cancel_what_never_began_says_so() -> None:
    board = make_board(_experiment("cancelled"), [make_run("baseline", BASELINE)])
    assert {row.state for row in board.rows[1:]} == {"cancelled"}
    assert "ended before its turn" in board.rows[1].error


def test_the_verdict_says_so_far_while_it_runs() -> None:
    running = _experiment("running")
    assert shown_verdict(running, make_board(running, [])).startswith("No verdict yet: the first")
    queued = _experiment("queued")
    assert shown_verdict(queued, make_board(queued, [])).endswith("waits for its turn.")
    running.result_json = {"verdict": JUDGED}  # as it is told after each run
    assert shown_verdict(running, make_board(running, _runs())) == f"So far: {JUDGED['sentence']}"
    ready = _experiment(result_json={"verdict": JUDGED})
    board = make_board(ready, _runs())
    assert shown_verdict(ready, board) == board.verdict.sentence


def test_a_stopped_training_says_what_is_kept() -> None:
    cancelled = _experiment("cancelled")
    none = shown_verdict(cancelled, make_board(cancelled, []))
    assert none == "The training was cancelled before any model was ready."
    failed = _experiment("failed")
    assert shown_verdict(failed, make_board(failed, [])).startswith("The training stopped early")


def test_where_all_is_guessing_there_is_no_best() -> None:
    said = empty("guessing", guessing_sentence([]), better={"neighbours": False}).facts()
    ready = _experiment(result_json={"verdict": said})
    board = make_board(ready, [make_run("baseline", BASELINE), make_run("neighbours", NOISE)])
    assert "No learner does better than guessing" in shown_verdict(ready, board)
    assert board.best is None
    assert board.rows[0].standing == "within noise of guessing"


def test_a_run_without_a_verdict_is_not_judged_by_the_page() -> None:
    running = _experiment("running")
    board = make_board(running, _runs())
    assert board.verdict.code == "waiting"
    assert shown_verdict(running, board).startswith("No verdict yet: the first")
    assert {row.standing for row in board.rows} == {""}


# Several runs of a learner


def _tuned(key: str, learner: str, value: float, **values: Any) -> Run:
    interval = {"value": value, "low": value - 0.05, "high": value + 0.02}
    run = make_run(learner, [value - 0.01, value + 0.01], interval=interval, **values)
    run.key = key
    return run


def _many() -> list[Run]:
    return [
        _tuned("baseline", "baseline", 0.5),
        _tuned("boosting", "boosting", 0.8, settings={"learning_rate": 0.1, "trees": 200}),
        _tuned("boosting-2", "boosting", 0.9),
        _tuned("boosting-3", "boosting", 0.9, state="failed", error="It needs too much memory."),
        _tuned("logistic", "logistic", 0.89),
    ]


def test_a_learner_is_shown_by_its_best_run_and_its_other_settings_are_folded() -> None:
    board = make_board(_experiment(result_json={"verdict": _verdict()}), _many())
    assert [(group.lead.key, group.place) for group in board.groups] == [
        ("boosting-2", 1), ("logistic", 2), ("baseline", None), ("neighbours", None),
    ]  # fmt: skip
    folded = board.groups[0]
    assert [row.key for row in folded.more] == ["boosting", "boosting-3"]
    assert folded.summary == "2 more settings tried, 1 failed"
    assert folded.more[0].settings == "learning rate 0.1, trees 200"


def test_runs_are_counted_without_the_baseline_and_settings_have_no_powers_of_ten() -> None:
    runs = [
        *_many(),
        _tuned("neighbours", "neighbours", 0.6, settings={"c": 1e-5, "rows": 20_000, "own": True}),
    ]
    board = make_board(_experiment(result_json={"verdict": _verdict()}), runs)
    assert board.n_ready == 4
    row = board.row("neighbours")
    assert row is not None
    assert row.settings == "c 0.0000100, rows 20,000, own True"


def test_before_the_first_score_there_is_nothing_to_explain() -> None:
    assert not make_board(_experiment("running"), []).has_scores
    assert make_board(_experiment("running"), [make_run("baseline", BASELINE)]).has_scores


def test_ties_stand_in_one_bracket_with_the_simplest_named() -> None:
    board = make_board(_experiment(result_json={"verdict": _verdict()}), _many())
    assert [group.lead.key for group in board.tied] == ["boosting-2", "logistic"]
    assert [group.lead.key for group in board.apart] == ["baseline"]
    assert [row.key for row in board.untried] == ["neighbours"]
    assert board.simplest is not None
    assert board.simplest.key == "logistic"
    alone = make_board(_experiment(result_json={"verdict": _verdict(tied_with_best=[])}), _many())
    assert alone.tied == []
    assert [group.lead.key for group in alone.apart][:2] == ["boosting-2", "logistic"]


def test_a_tie_is_shown_beside_the_best_though_a_third_scores_between_them() -> None:
    verdict = _verdict(better={"boosting-2": True, "logistic": True, "neighbours": False})
    runs = [*_many(), _tuned("neighbours", "neighbours", 0.895)]
    board = make_board(_experiment(result_json={"verdict": verdict}), runs)
    assert [(group.lead.key, group.lead.rank) for group in board.groups][:3] == [
        ("boosting-2", 1), ("logistic", 3), ("neighbours", 2),
    ]  # fmt: skip


def test_the_stored_verdict_is_read_and_none_is_made_again() -> None:
    verdict = _verdict(
        code="unconfirmed", sentence="Not confirmed.", best="logistic", news="of a later version"
    )
    board = make_board(_experiment(result_json={"verdict": verdict}), _many())
    assert (board.verdict.code, board.verdict.sentence) == ("unconfirmed", "Not confirmed.")
    assert [row.key for row in board.rows if row.best] == ["logistic"]


def test_intervals_are_the_picture_where_every_run_has_one() -> None:
    board = make_board(_experiment(result_json={"verdict": _verdict()}), _many())
    assert board.has_intervals
    assert board.rows[0].bar is not None
    assert "95 % interval 0.850 to 0.920" in board.rows[0].bar.words
    assert board.rows[0].facts()["interval"] == [0.9 - 0.05, 0.9 + 0.02]
    mixed = make_board(_experiment(), [*_many()[:2], make_run("logistic", ALSO[:2])])
    assert not mixed.has_intervals
    assert mixed.rows[0].facts()["interval"] is None
