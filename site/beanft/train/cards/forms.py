"""The form of the notes on a model card."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from beanft.pages import stored_text

NOTES_MOST = 10_000
"""Characters of the notes."""


class NotesForm(FlaskForm):
    """What the owner says of a model."""

    notes = TextAreaField(
        "Intended use and caveats",
        filters=[stored_text],
        validators=[
            Length(max=NOTES_MOST, message=f"The notes have at most {NOTES_MOST:,} characters. Shorten them.")
        ],
        description="Who should use this model for what, what it must not decide, whom to ask. Plain text.",
        render_kw={"rows": 6},
    )
