"""Stands in for app.py: the same site and the same worker, with one more kind of job."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent / "site"), str(TESTS)]

from beanft import serve  # noqa: E402  # found by the path above
from beanft.factory import create_app  # noqa: E402  # found by the path above
from jobs.tryout import add_kinds  # noqa: E402  # found by the path above

add_kinds()
if __name__ == "__main__":
    sys.exit(serve.main(entry="stage.celery", folder=TESTS / "jobs"))

app = create_app()
celery = app.extensions["celery"]
