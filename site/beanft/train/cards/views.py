"""The page of a model card, the same as one file, and its notes."""

from dataclasses import asdict
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from beanft import file_names, pages
from beanft.database import only_read
from beanft.models import TrainedModel
from beanft.models.types import now
from beanft.train.blueprint import bp
from beanft.train.cards import services
from beanft.train.cards.card import COLUMNS_SHOWN, Card, make_card
from beanft.train.cards.forms import NOTES_MOST, NotesForm

MOST_BYTES = 300_000
"""Size of the file, so that it can be sent by mail."""


@bp.get("/models/<model>/card")
def card(model: TrainedModel) -> Response:
    """Everything worth knowing of a model."""
    return _page(model, NotesForm(notes=model.notes))


@bp.post("/models/<model>/notes")
def notes(model: TrainedModel) -> AnyResponse:
    """Keep what the owner says of a model."""
    form = NotesForm()
    if not form.validate():
        return _page(model, form)
    services.save_notes(model=model, user_id=current_user.id, notes=form.notes.data or "")
    flash("The notes are saved.", "ok")
    return redirect(url_for("train.card", model=model.id, _anchor="notes"))


@bp.get("/models/<model>/card.html")
def card_file(model: TrainedModel) -> Response:
    """The card as one file, which asks nothing of any server and runs nothing."""
    sources = services.gather(model=model, column=_column())
    for columns in COLUMNS_SHOWN:
        text = render_template(
            "train/cards/file.html",
            card=make_card(model, sources, address=_address(model), columns=columns),
            made_at=now(),
            style=pages.file_style("card-file.css"),
        )
        page = text.encode()
        if len(page) <= MOST_BYTES:
            name = file_names.file_name(f"card of model {model.id} {model.run.title}.html")
            return pages.page_as_file(page, name)
    return abort(422, "The card would be larger than 300 kB. Shorten the notes.")


def _page(model: TrainedModel, form: NotesForm) -> Response:
    only_read()
    sources = services.gather(model=model, column=_column())
    made = make_card(model, sources, address=_address(model))
    return pages.page(
        "train/cards/card.html",
        _facts(model, made, form),
        422 if form.errors or sources.problem else 200,
        model=model,
        card=made,
        form=form,
        most=NOTES_MOST,
        group_columns=services.group_columns(model=model),
        column=_column(),
    )


def _facts(model: TrainedModel, made: Card, form: NotesForm) -> dict[str, Any]:
    return {"model": model.id, "errors": form.errors} | asdict(made)


def _column() -> str:
    """The column that makes the groups; browsers send line ends as two characters."""
    return request.args.get("groups", "").replace("\r\n", "\n")


def _address(model: TrainedModel) -> str:
    experiment = model.run.experiment
    return url_for("train.new", dataset=experiment.version.dataset_id, again=experiment.id, _external=True)
