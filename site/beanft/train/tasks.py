"""The training job: what the engine is given, and where its runs, models and result are kept."""

import os
import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from beanft import storage
from beanft.engine.learning.learners import BASELINE, ENSEMBLE
from beanft.extensions import db, settings
from beanft.jobs import JobKind, register, subject_of
from beanft.models import Experiment, Job, Run, TrainedModel
from beanft.train.deletion.services import DELETED

_NOT_IN_ROW = ("part", "report", "schema")  # large, and kept with the model
_MOST_LOGGED = 500
_RESERVE = 0.75  # of a job's memory: the rest is the program itself and what the operating system adds


def prepare(job: Job) -> dict[str, Any]:
    """Give `engine.learning.train.train` its arguments."""
    experiment = _experiment(job)
    version = experiment.version
    return {
        "table": str(storage.folder(version.key) / "table.parquet"),
        "table_sha256": version.parquet_sha256,
        "profile": version.profile.with_roles(job.params.get("roles", version.roles)).to_dict(),
        "target": experiment.target,
        "features": experiment.features,
        "task": experiment.task,
        "metric": experiment.metric,
        "learners": experiment.learners,
        "choices": experiment.choices_json,
        "seed": experiment.seed,
        "budget_s": job.params.get("more_s", experiment.budget_s),
        "asked_at": time.time(),
        "folder": str(storage.make_folder(experiment.key)),
        "done": _done(experiment),
        "looks": _looks(experiment),
        "looks_own": (experiment.result_json or {}).get("looks_own", 0),
        "max_rows": settings.training_rows_max,
        "cores": settings.training_cores or os.cpu_count() or 1,
        "memory_mb": settings.job_memory_mb * _RESERVE,
    }


def record(job: Job, facts: dict[str, Any]) -> None:
    """Keep one part that the engine hands over: a run, the verdict, findings, a sentence of the log."""
    experiment = _experiment(job)
    part = facts.get("part", "run")
    if part == "run":
        _keep_run(experiment, facts)
    elif part == "log":
        logged = {"s": facts["s"], "sentence": facts["sentence"]}
        experiment.log_json = [*(experiment.log_json or []), logged][-_MOST_LOGGED:]
    elif part == "findings":
        experiment.findings_json = facts["findings"]
    else:
        told = {key: value for key, value in facts.items() if key != "part"}
        experiment.result_json = (experiment.result_json or {}) | told
    db.session.flush()


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep what is known of the whole; the runs and their models are there already."""
    experiment = _experiment(job)
    experiment.result_json = (experiment.result_json or {}) | result
    for run in experiment.runs:
        if run.model is not None:
            run.model.role = run.facts.get("role", "") if run.key in _chosen(result) else ""
    _drop_replaced(experiment)


def _drop_replaced(experiment: Experiment) -> None:
    """Remove the model files that no row names: a training that goes on writes beside those in use."""
    named: set[str | None] = {run.model.file for run in experiment.runs if run.model is not None}
    for run in experiment.runs:
        named |= {run.facts.get("file"), run.facts.get("unseen_model", {}).get("file")}
    for path in storage.folder(experiment.key).glob("*.joblib"):
        if path.name not in named:
            path.unlink(missing_ok=True)


def _chosen(result: dict[str, Any]) -> set[str]:
    return {key for key in (result.get("final"), result.get("simple")) if key}


def _keep_run(experiment: Experiment, facts: dict[str, Any]) -> None:
    """Keep a run and its model; one of an earlier attempt is replaced."""
    run = next((run for run in experiment.runs if run.key == facts["key"]), None)
    if run is None:
        run = Run(key=facts["key"], learner=facts["learner"])
        experiment.runs.append(run)
    run.title, run.state, run.seconds = facts["title"], facts["state"], facts["seconds"]
    run.error = facts["error"]
    run.facts = {key: value for key, value in facts.items() if key not in _NOT_IN_ROW}
    if facts["state"] == "ready":
        _keep_model(run, experiment, facts)


def _keep_model(run: Run, experiment: Experiment, facts: dict[str, Any]) -> None:
    if run.model is None:
        run.model = TrainedModel(owner_id=experiment.owner_id, report_json={})
    run.model.file, run.model.sha256 = facts["file"], facts["sha256"]
    run.model.schema_json = facts["schema"]
    run.model.role = facts["role"]
    run.model.report_json = facts["report"] or {}


def _experiment(job: Job) -> Experiment:
    return subject_of(job, Experiment, "This experiment was deleted.")


def _looks(experiment: Experiment) -> int:
    """How often the same locked rows were opened: by this experiment, and by others that lock the same rows.

    The rows are drawn by version, target, seed and the way they are cut; columns and learners do not matter.
    """
    same = db.session.scalars(
        select(Experiment)
        .options(undefer(Experiment.result_json))
        .where(
            Experiment.version_id == experiment.version_id,
            Experiment.target == experiment.target,
            Experiment.task == experiment.task,
            Experiment.seed == experiment.seed,
        )
    )
    cut = (experiment.choices_json or {}).get("validation")
    return sum(
        (one.result_json or {}).get("looks_own", 0)
        for one in same
        if (one.choices_json or {}).get("validation") == cut
    )


def _done(experiment: Experiment) -> list[dict[str, Any]]:
    """Facts of the runs that need not be tried again.

    The baseline takes no time and always runs. Those that only lacked time get another chance, and the
    ensemble is weighed anew. One whose model was deleted is not tried, judged or weighed again.
    """
    return [
        run.facts | {"schema": None, "report": None, "part": "run"} | _gone(run)
        for run in experiment.runs
        if run.state != "cancelled" and run.learner not in (BASELINE, ENSEMBLE)
    ]


def _gone(run: Run) -> dict[str, str]:
    return {"state": "deleted"} if DELETED in run.facts else {}


register(
    JobKind(
        name="train",
        work="beanft.engine.learning.train:train",
        prepare=prepare,
        record=record,
        finish=finish,
        takes_all_cores=True,
    )
)
