"""The form that makes a model the champion."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from beanft.pages import stored_text

NOTE_MOST = 1_000
"""Characters of a note."""


class ChampionForm(FlaskForm):
    """Why this model."""

    note = TextAreaField(
        "Why this one (may stay empty)",
        filters=[stored_text],
        validators=[Length(max=NOTE_MOST, message=f"A note has at most {NOTE_MOST} characters. Shorten it.")],
        render_kw={"rows": 3, "maxlength": NOTE_MOST},
    )
    over = HiddenField()
    """The champion that the page named as the one to be replaced; empty for none."""
