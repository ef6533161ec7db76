"""What is typed on the pages of datasets."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from beanft.storage import new_key
from beanft.uploader.names import NAME_LENGTH

ACCEPT = (
    ".csv,.tsv,.txt,.tab,.dat,text/*,.xlsx,.xls,.xlsb,.ods,.json,.jsonl,.ndjson,.parquet,.pq,.arrow,.feather,"
    ".gz,.bz2,.xz,.zst,.zip"
)
"""What the file chooser of a browser offers; the content decides, whatever the name."""


class UploadForm(FlaskForm):
    """A file, and a name for the dataset if the file's own will not do."""

    once = HiddenField(default=new_key, render_kw={"autocomplete": "off"})
    file = FileField(
        "File with a table",
        validators=[FileRequired("Choose a file with a table.")],
        render_kw={"accept": ACCEPT},
    )
    name = StringField(
        "Name (optional)",
        description="Empty takes the name of the file.",
        validators=[Length(max=NAME_LENGTH, message=f"A name has at most {NAME_LENGTH} characters.")],
        render_kw={"autocomplete": "off"},
    )
    check = BooleanField("Show me how it will be read first", default=True, render_kw={"value": "yes"})
