"""The form of a new token."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from beanft.models.tokens import SCOPES
from beanft.users.tokens.services import NAME_MOST

_ENDS = {"30": "30 days", "90": "90 days", "365": "a year", "0": "never, until I revoke it"}


def _one_line(_form: FlaskForm, field: Any) -> None:
    if not (field.data or "").isprintable():
        raise ValidationError("A name is one line of letters, digits and signs.")


class TokenForm(FlaskForm):
    """What a program may do, and for how long."""

    token_name = StringField(
        "Name of the token",
        description="Which program will hold it, such as “nightly forecast”.",
        filters=[lambda text: text.strip() if text else text],
        validators=[
            DataRequired("Give the token a name, so that you know it again."),
            Length(max=NAME_MOST, message=f"A name has at most {NAME_MOST} characters."),
            _one_line,
        ],
        render_kw={"maxlength": NAME_MOST, "autocomplete": "off"},
    )
    scopes = SelectMultipleField(
        "It may",
        choices=[SelectChoice(scope, words) for scope, words in SCOPES.items()],
        default=list(SCOPES),
        validators=[InputRequired("Choose at least one.")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    days = SelectField(
        "It ends after",
        choices=[SelectChoice(days, words) for days, words in _ENDS.items()],
        default="90",
    )
    token_password = PasswordField(
        "Your password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )
