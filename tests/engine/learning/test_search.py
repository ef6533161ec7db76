"""The search through `train`: locked rows stay locked, nothing is tried twice, limits hold, all is told."""

import json
import pickle
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning import estimators, files
from beanft.engine.learning import train as training
from beanft.engine.learning.calibration import choose_calibration
from beanft.engine.learning.evidence import open_evidence
from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.predict import predict_rows
from beanft.engine.learning.search import ending, fitting, refit, search, weighing
from beanft.engine.learning.search.crew import Done
from beanft.engine.learning.search.ensemble import mix_unseen, weigh
from beanft.engine.learning.search.material import Material
from beanft.engine.learning.search.pace import Pace
from beanft.engine.tables.files import sha256_of
from engine.learning.conftest import Listener, Trained, noise, train_frame

pytestmark = pytest.mark.slow
CHEAP = ["naive_bayes", "discriminant", "logistic"]


def quick_frame(table: pd.DataFrame, folder: Path, target: str, **asked: Any) -> Trained:
    """Train in three folds, two at a time."""
    choices = asked.pop("choices", {})
    choices = choices | {"validation": {"folds": 3} | choices.get("validation", {})}
    return train_frame(table, folder, target, choices=choices, **({"cores": 2} | asked))


@pytest.fixture
def trained(tmp_path):
    return lambda table, target, **asked: quick_frame(table, tmp_path, target, **asked)


def told(n_rows: int = 160, seed: int = 0) -> pd.DataFrame:
    """Two columns that tell the label, one that does not, a group and a day; yes and no are truth values."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(size=(n_rows, 3)).round(6), columns=list("abc"))
    table["who"] = [f"p{n % 20:02d}" for n in range(n_rows)]
    table["day"] = pd.date_range("2024-01-01", periods=n_rows).strftime("%Y-%m-%d")
    chance = 1 / (1 + np.exp(-2 * table["a"] - table["b"]))
    table["label"] = np.where(random.random(n_rows) < chance, "yes", "no")
    return table


def slow(n_rows: int = 6_000) -> pd.DataFrame:
    """Eight classes, far more boosting than a few seconds can hold."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(n_rows, 20)), columns=[f"x{n}" for n in range(20)])
    table["label"] = [f"class {n}" for n in random.integers(0, 8, n_rows)]
    return table


@dataclass
class Inline:
    """A crew that works here and now, so that what it is handed can be looked at."""

    n: int
    folder: Path
    _done: list[Done] = field(default_factory=list)
    is_free = True

    @property
    def is_idle(self) -> bool:
        return not self._done

    def begin(self, key: Any, work: Any, *, limit_s: float) -> None:
        result = pickle.loads(pickle.dumps(work()))
        self._done.append(Done(key=key, result=result, error=None, memory_mb=1))

    def end_within(self, seconds: float) -> None:
        """Whatever it is handed has ended before this can be asked."""

    def learn(self, work: Any) -> None:
        """It has no processes that could be kept."""

    def forget(self) -> None:
        """As above."""

    def ended(self, wait_s: float) -> list[Done]:
        done, self._done = self._done, []
        return done

    def dismiss(self) -> None:
        self._done.clear()


@pytest.fixture
def inline(monkeypatch):
    monkeypatch.setattr(training, "Crew", Inline)


@pytest.fixture(autouse=True)
def quick_reports(monkeypatch):
    monkeypatch.setattr(ending, "_IMPORTANCE_S", 0.1)
    monkeypatch.setattr(training, "_LOOK_MOST_S", 0.5)


def opened(outcome: Trained) -> set[str]:
    return {path.name.removesuffix(".holdout.npy") for path in outcome.folder.glob("*.holdout.npy")}


# The locked rows


_PARTS = ("begun", "run", "verdict", "log", "findings", "checked", "opened")


def test_locked_rows_are_opened_for_baseline_final_and_simple_only(trained):
    outcome = trained(told(), "label", learners=[*CHEAP, "neighbours"])
    result, evidence = outcome.result, open_evidence(outcome.folder)
    chosen = {key for key in (result["final"], result["simple"], "baseline") if key}
    assert opened(outcome) == chosen
    others = {run["key"] for run in outcome.listener.runs} - chosen
    assert others
    assert all(evidence.holdout(key) is None for key in others)
    assert all(len(evidence.oof(key)) == len(evidence.tested) for key in others)
    assert result["looks"] == 1
    assert {run["key"] for run in outcome.listener.runs if run["report"]} == chosen - {"baseline"}


@pytest.mark.parametrize("by", ["", "time", "group"])
def test_no_locked_row_reaches_a_fit_before_the_judging(trained, inline, monkeypatch, by):
    events: list[tuple[str, set[float]]] = []
    make, confirm = Material.__init__, ending.confirm

    def spy(self, X, *values, **named):
        events.append(("rows", set(X["a"])))
        make(self, X, *values, **named)

    def judged(*values, **named):
        events.append(("judged", set()))
        return confirm(*values, **named)

    monkeypatch.setattr(Material, "__init__", spy)
    monkeypatch.setattr(ending, "confirm", judged)
    table = told()
    column = {"": "", "time": "day", "group": "who"}[by]
    choices = {"validation": {"by": by, "column": column}}
    outcome = trained(table, "label", learners=CHEAP, choices=choices)
    locked = set(table["a"].iloc[open_evidence(outcome.folder).rows_holdout])
    place = [kind for kind, _ in events].index("judged")
    assert place > 0
    assert not any(locked & rows for _, rows in events[:place])
    assert any(locked <= rows for _, rows in events[place:])  # then it learns from all rows


def test_references_and_looks_are_counted(trained):
    result = trained(told(), "label", learners=CHEAP, looks=2).result
    assert result["looks"] == 3
    assert {"baseline", "best_column", "rule"} <= set(result["judged"]["references"])


# Attempts


def again(first: Trained, table: pd.DataFrame, **choices: Any) -> Trained:
    """The second attempt, as the queue starts it."""
    done = [
        run | {"schema": None, "report": None}
        for run in first.listener.runs
        if run["learner"] not in ("baseline", "ensemble") and run["state"] != "cancelled"
    ]
    return quick_frame(table, first.folder, "label", done=done, **choices)


def test_runs_of_an_earlier_attempt_are_not_tried_again_and_stand_among_the_others(trained, monkeypatch):
    table = told()
    first = trained(table, "label", learners=CHEAP[:2])
    tried: list[str] = []
    monkeypatch.setattr(training, "Crew", Inline)
    fit = fitting.fit_fold

    def spy(learner, *values, **named):
        tried.append(learner)
        return fit(learner, *values, **named)

    monkeypatch.setattr(search, "fit_fold", spy)
    second = again(first, table, learners=CHEAP, looks=first.result["looks"])
    assert set(tried) == {"baseline", "logistic"}
    recorded = [part["key"] for part in second.listener.parts if part["part"] == "run"]
    assert "logistic" in recorded
    better = second.result["verdict"]["better"]
    assert set(CHEAP) <= set(better)
    assert set(second.result["weights"]) <= set(CHEAP)
    assert second.result["looks"] == 2
    for run in second.listener.runs:  # a run that is told again keeps its columns
        assert [column["name"] for column in run["schema"]["columns"]] == ["a", "b", "c", "who", "day"]
    begun = min(run["started_s"] for run in second.listener.runs if run["key"] == "logistic")
    assert begun >= max(run["ended_s"] for run in first.listener.runs if run["key"] in CHEAP)


@pytest.mark.parametrize("changed", ["columns", "classes"])
def test_a_run_that_turned_rows_into_something_else_is_made_again(trained, monkeypatch, changed):
    """As one of an earlier release may have; an ensemble of both would mix up the columns, or the classes."""
    table = told()
    first = trained(table, "label", learners=CHEAP[:2])
    old = next(run for run in first.listener.runs if run["learner"] == CHEAP[0])
    content = pickle.loads(pickle.dumps(files.load(first.folder / old["file"], old["sha256"])))
    if changed == "columns":
        coder = content["estimator"].coder
        coder.plan = replace(coder.plan, features=coder.plan.features[:-1])
    else:
        content["labels"] = content["labels"][::-1]
    old["sha256"] = files.save(first.folder / old["file"], content)
    tried: list[str] = []
    monkeypatch.setattr(training, "Crew", Inline)
    fit = fitting.fit_fold

    def spy(learner, *values, **named):
        tried.append(learner)
        return fit(learner, *values, **named)

    monkeypatch.setattr(search, "fit_fold", spy)
    second = again(first, table, learners=CHEAP[:2])
    assert set(tried) == {"baseline", CHEAP[0]}
    assert set(CHEAP[:2]) <= set(second.result["verdict"]["better"])


def test_a_model_that_learned_from_the_locked_rows_is_not_judged_on_them_later(trained):
    """The final model of the first attempt learned from all rows; the second must not ask it about them."""
    table = noise(0, 120)[["a", "b"]].rename(columns={"a": "label"})
    own = {"settings": {"neighbours": {"neighbours": 1}}}  # one neighbour knows every row that it has seen
    choices: dict[str, Any] = {"task": "regression", "learners": ["neighbours"], "choices": own}
    first = trained(table, "label", **choices)
    said = open_evidence(first.folder).holdout("neighbours")
    kept = first.listener.run("neighbours")
    assert kept["file"] != kept["unseen_model"]["file"]
    second = again(first, table, **choices)
    assert first.result["final"] == second.result["final"] == "neighbours"
    assert open_evidence(first.folder).holdout("neighbours") == pytest.approx(said)
    assert second.listener.run("neighbours")["notes"] == kept["notes"]


def test_an_attempt_writes_over_no_model_file_of_the_one_before(trained):
    """They are in use until the new ones are told, and stay so if it ends early."""
    first = trained(told(), "label", learners=CHEAP[:2])
    named = {run["file"]: run["sha256"] for run in first.listener.runs if run["state"] == "ready"}
    assert any(".more." in name for name in named)
    second = again(first, told(), learners=CHEAP)
    assert second.listener.run(second.result["final"])["file"] not in named
    assert {name: sha256_of(first.folder / name) for name in named} == named


# Limits


class Stopper(Listener):
    """Wants to stop once a run beside the baseline is there."""

    def stopping(self) -> bool:
        return len(self.runs) > 1


def test_a_stop_keeps_the_best_so_far_and_makes_a_final_model(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.learning.conftest.Listener", Stopper)
    outcome = quick_frame(told(), tmp_path, "label", learners=[*CHEAP, "boosting", "extra_trees"])
    assert outcome.result["cut_short"] is outcome.result["stopped"] is True
    assert outcome.result["final"] is not None
    ready = {run["learner"] for run in outcome.listener.runs if run["state"] == "ready"}
    assert "extra_trees" not in ready
    model = files.load(*places(outcome, outcome.result["final"]))
    assert predict_rows(model, told().assign(day=pd.to_datetime(told()["day"]))).shape == (160, 2)
    for run in outcome.listener.runs:
        assert run["state"] == "ready" or "you ended the search" in run["error"]


def test_what_was_looked_for_is_kept_and_a_look_that_failed_claims_nothing(trained, monkeypatch):
    monkeypatch.setattr(training, "_LOOK_MOST_S", 60.0)
    monkeypatch.setattr(training, "_LOOK_SHARE", 1.0)
    outcome = trained(told(), "label", learners=CHEAP)
    assert "columns that tell the target alone" in outcome.result["looked"]
    assert "targets computed from columns" not in outcome.result["looked"]  # it is no number

    def fail(*_: Any) -> None:
        raise ValueError

    monkeypatch.setattr(training, "look_before", fail)
    outcome = trained(told(), "label", learners=CHEAP)
    assert outcome.result["looked"] == []
    assert "checks-failed" in {one["code"] for one in outcome.listener.findings}


@pytest.mark.parametrize(
    ("best", "tied", "ranking", "final"),
    [
        ("boosting-3", [], ["boosting-5", "boosting-3", "ensemble"], "boosting-3"),
        (None, [], ["boosting-5", "boosting-3"], "boosting-5"),
        ("boosting-3", ["ensemble"], ["boosting-3", "ensemble"], "ensemble"),
        (None, [], ["ensemble"], "ensemble"),
        (None, [], [], None),
    ],
)
def test_none_that_is_not_shown_takes_the_place_of_one_that_is(best, tied, ranking, final):
    ended: Any = SimpleNamespace(ledger=SimpleNamespace(judge=SimpleNamespace(ranking=ranking)))
    verdict: Any = SimpleNamespace(best=best, tied_with_best=tied)
    assert ending.Ending._final(ended, verdict) == final


@pytest.mark.parametrize(
    ("learner", "left_s", "hopeless"),
    [("boosting", 1.2, True), ("boosting", 2.0, False), ("ridge", 0.1, False)],
)
def test_nothing_begins_that_would_be_cut_before_it_says_anything(monkeypatch, learner, left_s, hopeless):
    monkeypatch.setattr(Pace, "end", 60.0)
    clock: Any = SimpleNamespace(elapsed=60.0 - left_s)
    ledger: Any = SimpleNamespace(ready=[{"learner": "boosting", "seconds": 8.0}])
    folds: Any = SimpleNamespace(parts=range(8), growing=False)
    assert Pace(clock, ledger, folds, n_processes=2, n_asked=0).is_hopeless(learner) is hopeless


def places(outcome: Trained, key: str) -> tuple[Path, str]:
    run = outcome.listener.run(key)
    return outcome.folder / run["file"], run["sha256"]


def test_no_time_at_all_leaves_the_baseline_with_a_sentence(trained):
    outcome = trained(told(), "label", learners=CHEAP, budget_s=0)
    assert outcome.result["stopped"] is False
    assert [run["key"] for run in outcome.listener.runs] == ["baseline"]
    assert outcome.result["final"] is None
    assert outcome.result["cut_short"] is True
    assert outcome.result["verdict"]["code"] == "baseline_only"
    assert outcome.result["verdict"]["sentence"].startswith("Only the baseline is ready")
    assert files.load(*places(outcome, "baseline"))["labels"] == ("no", "yes")


def test_fits_are_cut_where_the_time_does_not_suffice(trained):
    outcome = trained(slow(), "label", learners=["boosting", "lightgbm"], budget_s=8)
    assert outcome.result["cut_short"] is True
    cut = [
        run
        for run in outcome.listener.runs
        if run["state"] == "cancelled" or any("more time may help" in note for note in run["notes"])
    ]
    assert cut
    assert all(run["error"] is None or "Give more time" in run["error"] for run in cut)


def test_a_learner_that_fails_keeps_one_sentence_and_the_others_go_on(trained, monkeypatch):
    build = estimators.build

    def broken(learner, *values, **named):
        if learner == "logistic":
            raise ValueError("secret path /home/alice")
        return build(learner, *values, **named)

    monkeypatch.setattr(fitting, "build", broken)
    outcome = trained(told(), "label", learners=CHEAP)
    failed = outcome.listener.run("logistic")
    assert (failed["state"], failed["file"]) == ("failed", None)
    assert failed["error"].startswith("Logistic regression could not be fitted on this table.")
    assert "secret" not in json.dumps(outcome.listener.parts)
    assert {outcome.listener.run(key)["state"] for key in CHEAP[:2]} == {"ready"}
    assert outcome.result["final"] is not None


def test_a_learner_that_needs_too_much_memory_is_refused_before_it_begins(trained):
    outcome = trained(told(), "label", learners=CHEAP, memory_mb=0.01)
    for key in CHEAP:
        run = outcome.listener.run(key)
        assert run["state"] == "failed"
        assert "It would need about" in run["error"]
        assert "Choose fewer columns, or leave it out." in run["error"]
        assert run["seconds"] == 0
    assert outcome.result["verdict"]["code"] == "baseline_only"


def test_the_same_seed_gives_the_same_leaderboard_when_nothing_was_cut(trained):
    choices: dict[str, Any] = {"learners": [*CHEAP, "lightgbm"], "n_variations": 2, "seed": 3, "cores": 2}
    first, second = (trained(told(), "label", **choices) for _ in range(2))
    assert first.result["cut_short"] is second.result["cut_short"] is False
    assert board(first) == board(second)
    assert len([key for key in board(first) if key.startswith("lightgbm-")]) >= 2
    for name in ("code", "best", "better", "tied_with_best"):  # the quickest of equals may be another
        assert first.result["verdict"][name] == second.result["verdict"][name]
    assert first.result["weights"] == second.result["weights"]


def board(outcome: Trained) -> dict[str, tuple[Any, Any]]:
    return {run["key"]: (run["mean"], run["settings"]) for run in outcome.listener.runs}


# Choices


def test_own_settings_are_tried_alone(trained):
    own = {"leaves": 5, "trees": 20, "learning_rate": 0.1}
    choices = {"settings": {"boosting": own}}
    outcome = trained(told(), "label", learners=["boosting", "naive_bayes"], choices=choices, n_variations=3)
    boosted = [run for run in outcome.listener.runs if run["learner"] == "boosting"]
    assert [run["settings"] for run in boosted] == [own]


@pytest.mark.parametrize("weights", ["", "balanced"])
def test_class_weights_reach_every_fit(trained, inline, monkeypatch, weights):
    seen: list[tuple[str, bool]] = []
    for module in (search, refit):
        fit = module.fit_fold

        def spy(learner, settings, terms, rows, *, _fit=fit, **named):
            seen.append((learner, terms.balanced))
            return _fit(learner, settings, terms, rows, **named)

        monkeypatch.setattr(module, "fit_fold", spy)
    trained(told(), "label", learners=CHEAP, choices={"class_weights": weights})
    assert {learner for learner, _ in seen} == {"baseline", *CHEAP}
    assert {balanced for _, balanced in seen} == {weights == "balanced"}


def test_balanced_weights_move_the_fit_towards_the_rare_class(trained):
    table = told(300)
    table = table[(table["label"] == "no") | (np.arange(300) % 4 == 0)]
    plain, balanced = (
        mean_chance(trained(table, "label", learners=["logistic"], choices={"class_weights": weights}))
        for weights in ("", "balanced")
    )
    assert balanced > plain + 0.1


def mean_chance(outcome: Trained) -> float:
    return float(open_evidence(outcome.folder).oof("logistic")[:, 1].mean())


def test_a_time_or_group_is_chosen_without_a_role(trained):
    table = told()
    for by, column in (("time", "day"), ("group", "who")):
        choices = {"validation": {"by": by, "column": column}}
        outcome = trained(table, "label", learners=["naive_bayes"], choices=choices)
        evidence = open_evidence(outcome.folder)
        dev, locked = table[column].iloc[evidence.rows], table[column].iloc[evidence.rows_holdout]
        assert (outcome.result["split"]["by"], evidence.by) == (by, by)
        if by == "time":
            assert locked.min() > dev.max()
        else:
            assert not set(locked) & set(dev)
            assert "who" not in evidence.features


def test_chance_is_chosen_against_a_role(trained):
    choices = {"validation": {"by": "chance", "holdout": 0.3, "folds": 4}}
    outcome = trained(told(), "label", choices=choices, roles={"day": "time"})
    assert (outcome.result["split"]["by"], outcome.result["split"]["n_folds"]) == ("", 4)
    assert outcome.result["split"]["n_holdout"] == 48


# The ensemble and the final model


def test_the_final_model_learned_from_all_rows_and_predicts(trained):
    outcome = trained(told(), "label", learners=CHEAP)
    final = outcome.listener.run(outcome.result["final"])
    assert final["role"] == "final"
    assert any("locked ones too" in note for note in final["notes"])
    model = files.load(*places(outcome, final["key"]))
    assert model["all_rows"] is True
    table = told().assign(day=pd.to_datetime(told()["day"]))
    predicted = predict_rows(model, table)
    assert predicted.shape == (160, 2)
    assert predicted.sum(axis=1) == pytest.approx(np.ones(160))
    assert ((predicted[:, 1] > 0.5) == (table["label"] == "yes")).mean() > 0.7


def test_weights_of_the_ensemble_add_up_to_1(trained):
    outcome = trained(told(), "label", learners=[*CHEAP, "neighbours", "extra_trees"])
    weights = outcome.result["weights"]
    assert sum(weights.values()) == pytest.approx(1)
    assert set(weights) <= {run["key"] for run in outcome.listener.runs}
    assert outcome.listener.run("ensemble")["settings"]["weights"] == weights


def random_runs(seed: int, n_rows: int = 250) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Twenty runs that know nothing."""
    random = np.random.default_rng(seed)
    chances = random.uniform(0.2, 0.8, size=(20, n_rows))
    return random.integers(0, 2, n_rows), {
        f"run-{i}": np.column_stack([1 - p, p]) for i, p in enumerate(chances)
    }


def test_weights_are_found_without_the_row_that_they_are_judged_by():
    auc, flattered, honest = METRIC["roc_auc"], [], []
    terms: dict[str, Any] = {"metric": "roc_auc", "task": "classification", "seed": 0}
    for seed in range(5):
        y, said = random_runs(seed)
        weights = weigh(y, said, **terms)
        mixed = sum(weight * said[key] for key, weight in weights.items())
        flattered.append(auc.of(y, mixed))
        honest.append(auc.of(y, mix_unseen(y, said, weights, **terms)))
    assert np.mean(flattered) > 0.58
    assert abs(np.mean(honest) - 0.5) < 0.04


def test_a_calibration_is_kept_in_the_model_file_and_applied(trained, monkeypatch):
    """Naive Bayes with every column three times is far too sure, whatever else is tried."""
    random = np.random.default_rng(1)
    table = pd.DataFrame({"a": random.normal(size=600)})
    for n in range(8):
        table[f"a{n}"] = table["a"] + random.normal(0, 0.05, 600)
    table["label"] = np.where(random.random(600) < 1 / (1 + np.exp(-table["a"])), "yes", "no")
    found: list[str] = []

    def spy(*values):
        found.append(choose_calibration(*values))
        return found[-1]

    monkeypatch.setattr(weighing, "choose_calibration", spy)
    outcome = trained(table, "label", learners=["naive_bayes"], metric="log_loss")
    (chosen,) = found
    assert chosen.kind != "none"
    model = files.load(*places(outcome, "ensemble"))
    assert model["calibration"].kind == chosen.kind
    raw = predict_rows(model | {"calibration": None}, table)
    assert predict_rows(model, table) == pytest.approx(chosen.apply(raw))
    assert not np.allclose(raw, predict_rows(model, table))
    assert outcome.listener.run("ensemble")["title"] == "Naive Bayes, its probabilities mended"


# What is handed over


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_all_that_is_told_is_plain_json(trained, task):
    target, learners = ("label", CHEAP) if task == "classification" else ("a", ["ridge", "lasso"])
    outcome = trained(told(), target, task=task, learners=learners)
    plain = partial(json.dumps, allow_nan=False)
    assert json.loads(plain(outcome.result))["final"]
    for part in outcome.listener.parts:
        assert json.loads(plain(part))["part"] in _PARTS
    assert outcome.result["learning_curve"] is None or outcome.result["learning_curve"]["points"]


def test_a_look_at_the_locked_rows_is_counted_before_it_happens(trained):
    outcome = trained(noise(0, 120), "label", looks=3, looks_own=1)
    (opened,) = [facts for facts in outcome.listener.parts if facts["part"] == "opened"]
    assert (opened["looks"], opened["looks_own"]) == (4, 2)
    assert (outcome.result["looks"], outcome.result["looks_own"]) == (4, 2)
    assert "4th" in outcome.result["judged"]["sentence"]
