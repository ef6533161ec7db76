"""The training job: what the engine is given, and where its runs, models and result are kept."""

from typing import Any

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.verdict import judge
from beanft.extensions import db, settings
from beanft.jobs import JobKind, register
from beanft.models import Experiment, Job, Run, TrainedModel

_NOT_IN_ROW = ("report", "schema")  # large, and kept with the model


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
        "seed": experiment.seed,
        "budget_s": experiment.budget_s,
        "folder": str(storage.make_folder(experiment.key)),
        "done": _done(experiment),
        "max_rows": settings.training_rows_max,
    }


def record(job: Job, facts: dict[str, Any]) -> None:
    """Keep one finished run and its model; a run of an earlier attempt is replaced."""
    experiment = _experiment(job)
    run = next((run for run in experiment.runs if run.key == facts["key"]), None)
    if run is None:
        run = Run(key=facts["key"], learner=facts["learner"])
        experiment.runs.append(run)
    run.title, run.state, run.seconds = facts["title"], facts["state"], facts["seconds"]
    run.error = facts["error"]
    run.facts = {key: value for key, value in facts.items() if key not in _NOT_IN_ROW}
    if facts["state"] == "ready":
        _keep_model(run, experiment, facts)
    db.session.flush()


def finish(job: Job, result: dict[str, Any]) -> None:
    """Keep split, notes and the verdict over the runs of all attempts; the models are there already."""
    experiment = _experiment(job)
    verdict = judge([run.facts for run in experiment.runs]).facts()
    experiment.result_json = result | {"verdict": verdict}


def _keep_model(run: Run, experiment: Experiment, facts: dict[str, Any]) -> None:
    if run.model is None:
        run.model = TrainedModel(owner_id=experiment.owner_id)
    run.model.file, run.model.sha256 = facts["file"], facts["sha256"]
    run.model.schema_json = facts["schema"]
    run.model.report_json = facts["report"]


def _experiment(job: Job) -> Experiment:
    experiment = db.session.get(Experiment, job.subject_id)
    if experiment is None:
        raise EngineError("This experiment was deleted.")
    return experiment


def _done(experiment: Experiment) -> list[str]:
    """Learners that need not run again.

    The baseline always runs, because the others are compared with it; so its file is written anew and has
    to be recorded anew. Those that only lacked time get another chance.
    """
    return [run.key for run in experiment.runs if run.state != "cancelled" and run.learner != BASELINE]


register(
    JobKind(
        name="train", work="beanft.engine.learning.train:train", prepare=prepare, record=record, finish=finish
    )
)
