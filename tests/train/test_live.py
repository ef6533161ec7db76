"""The page of an experiment in every state, stopping with the best so far, and continuing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft.extensions import db
from beanft.jobs import cancel
from beanft.models import Dataset, Experiment, Explanation, Job, Run, TrainedModel, User
from beanft.models.jobs import WRAP_UP
from beanft.models.types import now
from beanft.train import live, services
from beanft.train.judged import make_judged, opened
from factories import make_job
from train.stage import JSON, ask, make_run

METRIC = "balanced_accuracy"


def run(key: str, learner: str, value: float, ended_s: float, **values: Any) -> Run:
    """A run as the search records it."""
    interval = {"value": value, "low": value - 0.03, "high": value + 0.02}
    facts: dict[str, Any] = {"interval": interval, "ended_s": ended_s, "memory_mb": 200 + ended_s}
    made = make_run(learner, [value - 0.01, value, value + 0.01], metric=METRIC, **(facts | values))
    made.key = made.facts["key"] = key
    return made


def many() -> list[Run]:
    failed = "Nearest neighbours needs too much memory. Choose fewer columns."
    return [
        run("baseline", "baseline", 0.33, 1),
        run("logistic", "logistic", 0.95, 4),
        run("boosting", "boosting", 0.96, 9),
        run("boosting-2", "boosting", 0.90, 15),
        run("neighbours", "neighbours", 0.5, 20, state="failed", error=failed),
        run("ensemble", "ensemble", 0.97, 30),
    ]


VERDICT: dict[str, Any] = {
    "code": "better",
    "sentence": "Ensemble is better than guessing.",
    "best": "ensemble",
    "better": {"logistic": True, "boosting": True, "boosting-2": True, "ensemble": True},
    "worse": [],
    "tied_with_best": ["boosting", "logistic"],
    "simplest": "logistic",
    "too_good": False,
}


def _scored(value: float, **difference: Any) -> dict[str, Any]:
    metrics = {METRIC: {"value": value, "low": value - 0.1, "high": value + 0.03}}
    return {"metrics": metrics} | ({"difference": difference} if difference else {})


JUDGED: dict[str, Any] = {
    "n_rows": 30,
    "final": {"key": "ensemble"} | _scored(0.96),
    "simple": {"key": "logistic"} | _scored(0.95, difference=0.01, low=-0.02, high=0.04, better=False),
    "references": {
        "baseline": {"title": "always guessing the same"}
        | _scored(0.33, difference=0.63, low=0.5, high=0.7, better=True),
        "rule": {"title": "a rule of two questions"}
        | _scored(0.95, difference=0.01, low=-0.01, high=0.03, better=False),
    },
    "optimism": {"sentence": "About 0.004 of the best score is luck."},
}
CURVE: dict[str, Any] = {
    "points": [{"n_rows": n, "value": v, "low": v - 0.1, "high": None} for n, v in ((24, 0.8), (96, 0.95))],
    "sentence": "More rows would bring little.",
}
RESULT: dict[str, Any] = {
    "verdict": VERDICT,
    "final": "ensemble",
    "simple": "logistic",
    "cut_short": True,
    "judged": JUDGED,
    "learning_curve": CURVE,
    "weights": {"boosting": 0.6, "logistic": 0.4},
}
LOG = [{"s": float(n), "sentence": f"Step {n} is done."} for n in range(11)]


def stage(app: Flask, alice: User, iris: int, state: str, **values: Any) -> int:
    """An experiment of alice in a state, with runs, models, result and log; `job` are values of its job."""
    with app.app_context():
        experiment = ask(alice, db.session.get_one(Dataset, iris))
        assert experiment.job is not None
        for name, value in (values.pop("job", {}) | {"state": state, "lease_until": 4e9}).items():
            setattr(experiment.job, name, value)
        if state != "queued":
            experiment.job.started_at = now() - timedelta(seconds=38)
            experiment.job.attempt = 1
        for name, value in values.items():
            setattr(experiment, name, value)
        for one in experiment.runs:
            role = {"ensemble": "final", "logistic": "simple"}.get(one.key, "")
            if one.state == "ready":
                one.model = TrainedModel(
                    owner_id=alice.id, file="x", sha256="0" * 64, schema_json={}, report_json={}, role=role
                )
        db.session.commit()
        return experiment.id


def job_of(number: int) -> Job:
    db.session.expire_all()
    job = db.session.get_one(Experiment, number).job
    assert job is not None
    return job


# The page


def test_a_running_experiment_tells_clock_log_and_scores(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    job = {"progress": 0.4, "message": "Extra trees, fold 2 of 5"}
    number = stage(app, alice, iris, "running", runs=many()[:3], log_json=LOG, job=job)
    page = as_alice.get(f"/experiments/{number}").text
    assert "of 60 s" in page
    assert "Extra trees, fold 2 of 5" in page
    assert "3 earlier" in page
    assert page.index("Step 2 is done.") < page.index("Step 10 is done.")
    assert f'data-figure="/experiments/{number}/figures/scores"' in page
    assert "Stop now, keep the best so far" in page
    assert ">Cancel</button>" in page.replace("</svg> ", ">")
    assert "Train on for" not in page
    assert "209 MB" in page


def test_an_ended_experiment_puts_two_models_forward_and_shows_ties_as_ties(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    number = stage(app, alice, iris, "ready", runs=many(), result_json=RESULT)
    page = as_alice.get(f"/experiments/{number}").text
    assert 'data-card="final"' in page
    assert 'data-card="simple"' in page
    assert "These 3 cannot be told apart: their order is chance. The simplest is Logistic." in page
    assert "1 more setting tried" in page
    assert "needs too much memory. Choose fewer columns." in page
    assert live.CUT_SHORT in page
    assert "The ensemble is 60 % Boosting and 40 % Logistic" in page
    assert "About 0.004 of the best score is luck." in page
    assert "More rows would bring little." in page
    assert "hx-get" not in page
    for key in ("ensemble", "boosting", "boosting-2", "logistic", "baseline", "neighbours"):
        assert page.count(f'id="run-{key}"') == 1


@pytest.mark.parametrize("is_apart", [True, False])
def test_a_tie_of_intervals_that_do_not_overlap_is_explained(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int, is_apart: bool
) -> None:
    best, other = 0.94, 0.939 if is_apart else 0.941  # the lower end of the best, the upper end of another
    interval = {"value": 0.93, "low": 0.92, "high": other}
    runs = [one for one in many() if one.key != "logistic"]
    runs.append(run("logistic", "logistic", 0.93, 4, interval=interval))
    assert next(one for one in runs if one.key == "ensemble").facts["interval"]["low"] == pytest.approx(best)
    number = stage(app, alice, iris, "ready", runs=runs, result_json=RESULT)
    page = as_alice.get(f"/experiments/{number}").text
    assert ("Some of their intervals do not overlap" in page) is is_apart
    assert ("their order may be chance" in page) is is_apart


def test_guessing_recommends_no_model_and_what_is_not_confirmed_says_so(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    guessing = RESULT | {"verdict": VERDICT | {"code": "guessing", "best": None, "tied_with_best": []}}
    number = stage(app, alice, iris, "ready", runs=many(), result_json=guessing)
    page = as_alice.get(f"/experiments/{number}").text
    assert "data-card" not in page
    unconfirmed = RESULT | {"verdict": VERDICT | {"code": "unconfirmed", "sentence": "Not confirmed."}}
    number = stage(app, alice, iris, "ready", runs=many(), result_json=unconfirmed)
    page = as_alice.get(f"/experiments/{number}").text
    assert "But the locked rows do not confirm that it is better than guessing." in page
    assert 'data-verdict="unconfirmed"' in page


@pytest.mark.parametrize("state", ["queued", "failed", "cancelled"])
def test_every_other_state_has_a_page(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int, state: str
) -> None:
    runs = [] if state == "queued" else many()[:2]
    number = stage(app, alice, iris, state, runs=runs, job={"error": "The disk is full."})
    page = as_alice.get(f"/experiments/{number}").text
    assert ("The disk is full." in page) == (state == "failed")
    assert ("Stop now" in page) is False
    assert ("Train on for" in page) == (state != "queued")
    assert ("other training to end" in page) == (state == "queued")


def test_the_facts_for_programs_have_what_is_new(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    number = stage(app, alice, iris, "ready", runs=many(), result_json=RESULT, log_json=LOG)
    facts = as_alice.get(f"/experiments/{number}", headers=JSON).get_json()
    assert (facts["final"], facts["simple"], facts["cut_short"]) == ("ensemble", "logistic", True)
    assert (facts["findings"], len(facts["log"])) == (0, 11)
    assert [one["key"] for one in facts["runs"]][:3] == ["ensemble", "boosting", "logistic"]
    assert facts["runs"][0]["interval"] == [0.97 - 0.03, 0.97 + 0.02]


def test_the_pictures_follow_the_runs(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    number = stage(app, alice, iris, "ready", runs=many(), result_json=RESULT)
    best, points, guessing = as_alice.get(f"/experiments/{number}/figures/scores").get_json()["series"]
    assert best["data"] == [[4, 0.95], [9, 0.96], [15, 0.96], [30, 0.97]]
    assert [point[2] for point in points["data"]] == ["Logistic", "Boosting", "Boosting", "Ensemble"]
    assert guessing["data"] == [[0, 0.33], [30, 0.33]]
    low, height, curve = as_alice.get(f"/experiments/{number}/figures/learning").get_json()["series"]
    assert curve["data"] == [[24, 0.8, 0.7, 0.8], [96, 0.95, 0.85, 0.95]]  # rows, score, its interval
    assert low["data"] == [[24, 0.7], [96, 0.85]]
    assert [round(share, 9) for _, share in height["data"]] == [0.1, 0.1]
    bare = stage(app, alice, iris, "queued")
    for address in (f"{bare}/figures/scores", f"{bare}/figures/learning", f"{number}/figures/other"):
        assert as_alice.get(f"/experiments/{address}").status_code == 404


def test_simple_guesses_stand_beside_the_final_model() -> None:
    judged = make_judged(Experiment(metric=METRIC, result_json=RESULT), {"ensemble": "Ensemble"})
    titles = [one.title for one in judged.references]
    assert titles == [
        "The final model: Ensemble",
        "The simplest tied model: logistic",
        "Always guessing the same",
        "A rule of two questions",
    ]
    assert judged.references[0].difference is None
    assert make_judged(Experiment(metric=METRIC), {}).references == []


def _page(app: Flask, client: FlaskClient, alice: User, iris: int, **result: Any) -> str:
    """The page of a training that is ready, as people read it: without line ends."""
    number = stage(app, alice, iris, "ready", runs=many(), result_json=RESULT | result)
    return " ".join(client.get(f"/experiments/{number}").text.split())


def test_the_page_says_how_often_the_locked_rows_were_opened(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    assert "They were opened once, at the end, for these." in _page(app, as_alice, alice, iris, looks=1)
    page = _page(app, as_alice, alice, iris, looks=3, looks_own=1)
    assert (
        "They were opened for the 3rd time, twice before by other experiments that lock the same rows; "
        "each look makes the confirmation a little weaker."
    ) in page
    assert "opened once" not in page
    assert opened(12, 12).startswith("They were opened for the 12th time; each look")
    assert opened(2).startswith("They were opened for the 2nd time; each look")


def test_folds_and_locked_rows_that_disagree_are_reconciled() -> None:
    titles = {"ensemble": "Ensemble", "logistic": "Logistic"}

    def said(**difference: Any) -> str:
        judged = JUDGED | {"simple": {"key": "logistic"} | _scored(0.95, **difference)}
        return make_judged(Experiment(metric=METRIC, result_json={"judged": judged}), titles).reconciled

    assert said(difference=0.0123, low=0.01, high=0.02, better=True) == (
        "The folds cannot tell them apart; on the locked rows Ensemble is better than Logistic by 0.0123. "
        "Choose Logistic if simplicity matters, else Ensemble."
    )
    assert "Logistic is better than Ensemble by 0.0200" in said(
        difference=-0.02, low=-0.03, high=-0.01, better=False
    )
    assert said(difference=0.01, low=-0.02, high=0.04, better=False) == ""


def test_locked_rows_choose_no_model() -> None:
    difference = {"difference": -0.617, "low": -0.9, "high": -0.3, "better": False}
    judged = JUDGED | {"simple": {"key": "logistic"} | _scored(0.95, **difference)}
    titles = {"ensemble": "Ensemble", "logistic": "Logistic"}
    assert make_judged(Experiment(metric=METRIC, result_json={"judged": judged}), titles).reconciled == (
        "The folds cannot tell them apart; on the locked rows Logistic is better than Ensemble by 0.617. "
        "Locked rows choose nothing, or their scores would flatter: Ensemble stays the final model."
    )


def test_a_model_that_a_simple_guess_beats_is_recommended_by_nobody(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    rule = {"title": "a rule of two questions"}
    rule |= _scored(0.99, difference=-0.03, low=-0.05, high=-0.01, better=False)
    references = JUDGED["references"] | {"rule": rule}
    said = VERDICT | {"sentence": "Ensemble is better than guessing, which confirms it."}
    page = _page(app, as_alice, alice, iris, judged=JUDGED | {"references": references}, verdict=said)
    assert "The models that came of it" in page
    assert "The models to use" not in page
    assert "confirms it" not in page  # nor in what was stored by earlier releases
    assert "Take it when" not in page
    assert "On the locked rows a rule of two questions does better than the final model: keep it as" in page


def test_one_member_alone_is_no_ensemble(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    led = VERDICT | {"best": "logistic", "tied_with_best": ["ensemble", "boosting"]}
    runs = [*many()[:1], run("logistic", "logistic", 0.98, 4), *many()[2:5]]
    runs.append(run("ensemble", "ensemble", 0.97, 30))
    result = RESULT | {"verdict": led, "weights": {"boosting": 1.0}}
    number = stage(app, alice, iris, "ready", runs=runs, result_json=result)
    final = " ".join(as_alice.get(f"/experiments/{number}").text.split()).split('data-card="simple"')[0]
    assert "which leads the leaderboard; its probabilities were brought closer to what came true." in final
    assert "an ensemble owes" not in final


def test_a_search_that_was_stopped_by_hand_is_not_said_to_be_cut_by_its_limit(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    page = _page(app, as_alice, alice, iris, stopped=True)
    assert live.STOPPED in page
    assert live.CUT_SHORT not in page
    late = {"params": {WRAP_UP: True}}  # of old experiments the job alone knows it
    number = stage(app, alice, iris, "ready", runs=many(), result_json=RESULT, job=late)
    assert live.STOPPED in as_alice.get(f"/experiments/{number}").text
    number = stage(
        app, alice, iris, "ready", runs=many(), result_json=RESULT | {"stopped": False}, job=dict(late)
    )
    assert live.CUT_SHORT in as_alice.get(f"/experiments/{number}").text
    assert live.STOPPED not in _page(app, as_alice, alice, iris, stopped=True, cut_short=False)


def test_but_comes_after_something_good_only(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    noise = {"code": "unconfirmed", "best": "logistic", "better": {"ensemble": False, "logistic": True}}
    page = _page(app, as_alice, alice, iris, verdict=VERDICT | noise | {"tied_with_best": []})
    final = page.split('data-card="simple"')[0]
    assert "not shown to do better than guessing. Nor do the locked rows show it." in final
    assert "But the locked rows" not in final


def test_the_final_model_has_a_row_of_its_own(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    alone = VERDICT | {"best": "logistic", "better": {"logistic": True}, "tied_with_best": []}
    page = _page(app, as_alice, alice, iris, verdict=alone, final="boosting-2", simple="logistic")
    row = page.split('id="run-boosting-2"')[1].split("</tr>")[0]
    assert page.split('id="run-boosting-2"')[0].endswith("<tr ")
    assert '<span class="badge mark">final model</span>' in row
    assert page.count("final model</span>") == 1


def test_equal_shares_are_shown_equal(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    shares = {"boosting": 4 / 9, "logistic": 4 / 9, "boosting-2": 1 / 9}
    page = _page(app, as_alice, alice, iris, weights=shares)
    assert "The ensemble is 44.4 % Logistic, 44.4 % Boosting and 11.1 % Boosting" in page
    assert "The ensemble is 50 % Logistic and 50 % Boosting:" in _page(
        app, as_alice, alice, iris, weights={"boosting": 0.5, "logistic": 0.5}
    )


def test_a_final_model_within_noise_is_not_recommended(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    noise = VERDICT | {"best": "logistic", "better": {"ensemble": False, "logistic": True}}
    page = _page(app, as_alice, alice, iris, verdict=noise | {"tied_with_best": []})
    final = page.split('data-card="simple"')[0]
    assert "While rows were unseen it was not shown to do better than guessing." in final
    assert "Take it when the score is all that counts" not in final


def test_a_missing_learning_curve_has_a_reason(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    page = _page(app, as_alice, alice, iris, learning_curve=None)
    assert "No time was left for the learning curve. Continue the training to get it." in page
    assert "figures/learning" not in page
    few = {"points": [], "sentence": "There are too few rows to tell whether more would help."}
    assert "There are too few rows to tell" in _page(app, as_alice, alice, iris, learning_curve=few)
    before = {name: value for name, value in RESULT.items() if name != "learning_curve"}
    assert make_judged(Experiment(metric=METRIC, result_json=before), {}).no_learning == ""


def test_time_beyond_what_was_asked_is_accounted_for(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    steps = ((40, "Ensemble scored 0.9"), (60, "Opening the locked rows"), (72, "Writing the reports"),
             (117, "Learning from all rows, the locked ones too"), (118, "No time was left"))  # fmt: skip
    log = [{"s": s, "sentence": f"{sentence}."} for s, sentence in steps]
    for ended_s, late in ((122, True), (23, False)):
        job = {"finished_at": now() + timedelta(seconds=ended_s)}
        number = stage(app, alice, iris, "ready", runs=many(), result_json=RESULT, log_json=log, job=job)
        page = as_alice.get(f"/experiments/{number}").text
        assert ("longer than asked" in page) == late
        assert (
            "Most of it: writing the reports (45.0 s) and opening the locked rows (12.0 s)." in page
        ) == late


def _over(seconds: float, *steps: tuple[float, str], before_s: float = 0.0) -> str:
    """What is said of so many seconds beyond 60, after a log that began later on the clock."""
    clock = live.Clock(
        elapsed_s=60 + seconds, budget_s=60, unfinished=False, continued=before_s > 0, memory_mb=None
    )
    return live._over(clock, [{"s": before_s + s, "sentence": f"{said}."} for s, said in steps])


def test_the_parts_of_the_late_time_are_no_longer_than_it() -> None:
    steps = ((59.4, "Opening the locked rows"), (62.0, "Writing the reports"), (66.9, "It has learned"))
    told = "Most of it: writing the reports (4.9 s) and opening the locked rows (2.0 s)."
    assert told in _over(6.9, *steps)
    assert told in _over(6.9, *steps, before_s=300)
    assert "Part of it: writing the reports (4.9 s)" in _over(16.9, *steps)


def test_a_last_fit_that_was_given_up_is_not_told_as_done() -> None:
    begun = (60.0, "Learning from all rows, the locked ones too")
    ended = (64.6, "No time was left to learn from the locked rows too: the model knows 80% of the rows")
    told = "learning from all rows, the locked ones too"
    assert f"{told}, which was given up (4.6 s)." in _over(6.9, begun, ended)
    assert f"{told} (4.6 s)." in _over(6.9, begun, (64.6, "It has learned from all rows"))


def test_the_final_model_scores_best_only_where_it_leads(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    assert "It scores best on the rows while they were unseen. Take it" in _page(app, as_alice, alice, iris)
    led = VERDICT | {"best": "logistic", "tied_with_best": ["ensemble", "boosting"]}
    runs = [*many()[:1], run("logistic", "logistic", 0.98, 4), *many()[2:5]]
    runs.append(run("ensemble", "ensemble", 0.97, 30))
    number = stage(app, alice, iris, "ready", runs=runs, result_json=RESULT | {"verdict": led})
    page = " ".join(as_alice.get(f"/experiments/{number}").text.split())
    final, simple = page.split('data-card="simple"')
    assert "It scores best" not in final
    assert "It cannot be told apart from Logistic, which leads the leaderboard; an ensemble owes" in final
    assert "Take it when the score is all that counts" not in final
    assert "It leads the leaderboard, but cannot be told apart from the final model." in simple


def test_shares_that_whole_percents_would_twist_get_a_decimal(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    weights = {"boosting": 0.806, "logistic": 0.117, "boosting-2": 0.077}
    page = _page(app, as_alice, alice, iris, weights=weights)
    assert "The ensemble is 80.6 % Boosting, 11.7 % Logistic and 7.7 % Boosting" in page


def test_before_any_score_no_column_is_described(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    waiting = stage(app, alice, iris, "running", runs=[])
    page = as_alice.get(f"/experiments/{waiting}").text
    assert "dashed line" not in page
    assert "Mean and spread" not in page
    assert "dashed line" in _page(app, as_alice, alice, iris)


def test_other_metrics_explain_their_spread(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    runs = [run("baseline", "baseline", 0.33, 1, metrics={"accuracy": {"mean": 0.3, "sd": 0.02}})]
    number = stage(app, alice, iris, "ready", runs=runs)
    sentence = "The other metrics are means over the folds ± their spread from fold to fold."
    assert sentence in as_alice.get(f"/experiments/{number}").text
    alone = stage(app, alice, iris, "ready", runs=[run("baseline", "baseline", 0.33, 1, metrics={})])
    assert sentence not in as_alice.get(f"/experiments/{alone}").text


@pytest.mark.parametrize("state", ["cancelled", "ready"])
def test_learners_never_tried_are_one_line(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int, state: str
) -> None:
    number = stage(app, alice, iris, state, runs=many()[:1])
    page = " ".join(as_alice.get(f"/experiments/{number}").text.split())
    assert "2 learners were not tried: continue to try them." in page
    assert "Naive Bayes" in page
    assert "ended before its turn" not in page
    assert ("Continue</button>" in page) is True
    verdict = page[page.index('class="verdict"') : page.index("</section>")]
    assert ("Train again" in verdict) == (state == "cancelled")


def test_lists_show_the_final_model_with_its_interval(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    stage(app, alice, iris, "ready", runs=many(), result_json=RESULT)
    experiments = as_alice.get("/experiments").text
    assert "Ensemble</a>" in experiments
    assert "(0.940 to 0.990)" in experiments
    models = as_alice.get("/models").text
    assert "final model" in models
    assert "simplest tied model" in models
    roles = {one["run"]: one["role"] for one in as_alice.get("/models", headers=JSON).get_json()["items"]}
    assert (roles["ensemble"], roles["logistic"], roles["boosting"]) == ("final", "simple", None)


# Stop


def test_stop_marks_the_running_job_and_the_page_says_so(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    number = stage(app, alice, iris, "running", runs=many()[:2])
    assert as_alice.post(f"/experiments/{number}/stop").location == f"/experiments/{number}"
    with app.app_context():
        assert (job_of(number).state, job_of(number).wraps_up) == ("running", True)
    page = as_alice.get(f"/experiments/{number}").text
    assert "Stopping soon: the best so far is being kept." in page
    assert "Stop now" not in page


def test_stopping_what_waits_cancels_it(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    number = stage(app, alice, iris, "queued")
    assert as_alice.post(f"/experiments/{number}/stop", headers=JSON).get_json()["state"] == "cancelled"


# Continue


@pytest.mark.parametrize("state", ["ready", "failed", "cancelled"])
def test_an_ended_training_goes_on_with_what_was_there(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int, state: str
) -> None:
    number = stage(app, alice, iris, state, runs=many(), job={"params": {"roles": {"day": "time"}}})
    answer = as_alice.post(f"/experiments/{number}/continue", data={"seconds": "60", "once": "k"})
    assert answer.location == f"/experiments/{number}"
    with app.app_context():
        experiment = db.session.get_one(Experiment, number)
        job = job_of(number)
        assert (job.state, job.params["more_s"], job.params["roles"]) == ("queued", 60, {"day": "time"})
        assert (experiment.budget_s, len(experiment.runs)) == (120, 6)
    page = as_alice.get(f"/experiments/{number}").text
    assert 'id="run-ensemble"' in page


def test_a_double_click_continues_once(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    number = stage(app, alice, iris, "ready", runs=many())
    answers = [as_alice.post(f"/experiments/{number}/continue", data={"once": "k"}) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    with app.app_context():
        assert len(db.session.scalars(select(Job).where(Job.kind == "train")).all()) == 2
        assert db.session.get_one(Experiment, number).budget_s == 360


def test_what_cannot_be_continued_is_said(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    under_way = stage(app, alice, iris, "running", runs=many())
    answer = as_alice.post(f"/experiments/{under_way}/continue")
    assert answer.status_code == 422
    assert "still under way" in answer.text
    nothing = stage(app, alice, iris, "failed")
    assert as_alice.post(f"/experiments/{nothing}/continue").status_code == 422
    ended = stage(app, alice, iris, "ready", runs=many())
    for seconds in ("0", "-5", "soon", "99999", "9" * 40, "٣"):
        answer = as_alice.post(f"/experiments/{ended}/continue", data={"seconds": seconds}, headers=JSON)
        assert answer.status_code == 422, seconds
        assert "from 1 to 3,600 seconds" in answer.get_json()["error"]


# Deleting


def test_deleting_ends_explanations_and_forgets_earlier_trainings(app: Flask, alice: User, iris: int) -> None:
    number = stage(app, alice, iris, "ready", runs=many())
    with app.app_context():
        experiment = db.session.get_one(Experiment, number)
        services.continue_experiment(experiment=experiment, seconds=60)
        cancel(job_id=job_of(number).id)
        model = experiment.runs[1].model
        assert model is not None
        jobs = [make_job(alice, kind="explain", state=state) for state in ("running", "ready")]
        for at, job in enumerate(jobs):
            made = Explanation(owner_id=alice.id, model_id=model.id, job_id=job.id, kind="row", asked=f"{at}")
            db.session.add(made)
        db.session.commit()
        running = jobs[0].id
        services.delete_experiment(experiment=experiment)
        left = db.session.scalars(select(Job).where(Job.kind != "ingest")).all()
        assert [(job.id, job.cancel) for job in left] == [(running, True)]
        assert db.session.scalars(select(Explanation)).all() == []


# Who may


def test_strangers_and_visitors_neither_stop_nor_continue(
    app: Flask, as_charlie: FlaskClient, visitor: FlaskClient, alice: User, iris: int
) -> None:
    number = stage(app, alice, iris, "ready", runs=many(), result_json=RESULT)
    for address in ("stop", "continue"):
        assert as_charlie.post(f"/experiments/{number}/{address}").status_code == 404
        assert visitor.post(f"/experiments/{number}/{address}").location.startswith("/login")
    assert as_charlie.get(f"/experiments/{number}/figures/scores").status_code == 404
    assert visitor.get(f"/experiments/{number}/figures/scores").location.startswith("/login")
