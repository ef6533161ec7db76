"""The form in which somebody says why a finding may stand."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

REASON_MOST = 300
"""Characters of a reason."""


class RetrainForm(FlaskForm):
    """Nothing but the finding that the button stood beside."""

    key = HiddenField()
    """Key of the finding, because findings may have changed places since the page was shown."""


class KeepForm(RetrainForm):
    """Why the finding may stand."""

    reason = StringField(
        "Why may it stay?",
        filters=[lambda text: (text or "").strip()],
        validators=[
            DataRequired("Say in a few words why it may stay."),
            Length(max=REASON_MOST, message=f"Use at most {REASON_MOST} characters."),
        ],
        render_kw={"maxlength": REASON_MOST},
        description="It stands beside the finding and on the model card.",
    )
