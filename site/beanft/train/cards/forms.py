"""The form of the notes on a model card."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

NOTES_MOST = 10_000
"""Characters of the notes."""


def _lines(text: str | None) -> str:
    """The text as it is stored: browsers send line ends as two characters, and no database takes a NUL.

    >>> _lines("a\\r\\nb\\0"), _lines(None)
    ('a\\nb', '')
    """
    return (text or "").replace("\r\n", "\n").replace("\0", "")


class NotesForm(FlaskForm):
    """What the owner says of a model."""

    notes = TextAreaField(
        "Intended use and caveats",
        filters=[_lines],
        validators=[
            Length(max=NOTES_MOST, message=f"The notes have at most {NOTES_MOST:,} characters. Shorten them.")
        ],
        description="Who should use this model for what, what it must not decide, whom to ask. Plain text.",
        render_kw={"rows": 6},
    )
