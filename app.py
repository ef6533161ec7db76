"""The entry: `python app.py` serves; `app` for WSGI servers; `celery -A app.celery` for workers."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))

from beanft import serve
from beanft.factory import create_app
from beanft.settings import SettingsError

if __name__ == "__main__":
    sys.exit(serve.main())

try:
    app = create_app()
except SettingsError as error:
    sys.exit(str(error))
celery = app.extensions["celery"]
