"""The pages of champions: choosing one, and the history; and what badges on other pages call."""

from typing import Any

from flask import Response, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft import pages
from beanft.database import only_read
from beanft.models import Champion, Dataset, TrainedModel
from beanft.train.blueprint import bp
from beanft.train.champions import services
from beanft.train.champions.forms import ChampionForm


@bp.app_context_processor
def _badges() -> dict[str, Any]:
    """What the badges call, which stand on pages of several views."""
    return {
        "champions_of": lambda dataset: services.champions_of(dataset=dataset),
        "crowned": lambda model: services.crowned(model=model),
        "champion_for": lambda dataset, target: services.champion_for(dataset=dataset, target=target),
    }


@bp.route("/models/<model>/champion", methods=["GET", "POST"])
def champion(model: TrainedModel) -> AnyResponse:
    """How a model stands against the champion, and the button that makes it the champion."""
    form, error = ChampionForm(), ""
    if form.validate_on_submit():
        try:
            services.crown(
                model=model, user=current_user, note=(form.note.data or "").strip(), over=_number(form)
            )
        except services.ReplacedError as replaced:
            error = str(replaced)
        else:
            flash(f"“{model.run.title}” is now the champion for “{model.run.experiment.target}”.", "ok")
            return redirect(url_for("train.champions", dataset=model.run.experiment.version.dataset_id))
    return _page(model, form, error)


def _page(model: TrainedModel, form: ChampionForm, error: str) -> Response:
    only_read()
    challenge = services.challenge(model=model)
    form.over.data = str(challenge.champion.id) if challenge.champion else ""
    return pages.page(
        "train/champions/choose.html",
        {
            "model": model.id,
            "code": challenge.code,
            "sentence": challenge.sentence,
            "over": form.over.data,
            "error": error or None,
            "errors": form.errors,
        },
        409 if error else 422 if form.errors else 200,
        model=model,
        form=form,
        error=error,
        challenge=challenge,
    )


@bp.get("/datasets/<dataset>/champions")
def champions(dataset: Dataset) -> Response:
    """The champions of a dataset and those before them."""
    reigns = services.history(dataset=dataset)
    return pages.page(
        "train/champions/history.html",
        {"dataset": dataset.id, "champions": [_facts(reign) for reign in reigns]},
        dataset=dataset,
        reigns=reigns,
        score_words=services.score_words,
        most=services.HISTORY_MOST,
    )


def _number(form: ChampionForm) -> int | None:
    text = form.over.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _facts(reign: services.Reign) -> dict[str, Any]:
    row: Champion = reign.champion
    return row.facts | {
        "model": row.model_id,
        "title": row.title,
        "note": row.note,
        "chosen_at": row.chosen_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "current": reign.current,
        "replaced_by": reign.replaced_by.title if reign.replaced_by else None,
    }
