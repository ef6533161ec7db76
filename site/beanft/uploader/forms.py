"""What is typed on the pages of datasets."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from beanft.storage import new_key
from beanft.uploader.names import NAME_LENGTH


class UploadForm(FlaskForm):
    """A file, and a name for the dataset if the file's own will not do."""

    once = HiddenField(default=new_key, render_kw={"autocomplete": "off"})
    file = FileField(
        "CSV or TSV file",
        validators=[FileRequired("Choose a CSV file.")],
        render_kw={"accept": ".csv,.tsv,.txt,text/*"},
    )
    name = StringField(
        "Name (optional)",
        description="Empty takes the name of the file.",
        validators=[Length(max=NAME_LENGTH, message=f"A name has at most {NAME_LENGTH} characters.")],
        render_kw={"autocomplete": "off"},
    )


class KindsForm(FlaskForm):
    """The version that the kinds on the page belong to; the kinds themselves are a list named `kind`."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class DeleteForm(FlaskForm):
    """The name, typed again."""

    name = StringField(
        "Type the name of the dataset to delete it",
        validators=[InputRequired("Type the name of the dataset.")],
        render_kw={"autocomplete": "off"},
    )
