"""What the tests of exploring share: a table of hostile names and its harmless twin."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from beanft import storage
from beanft.extensions import db
from beanft.models import User, Version
from explore.hostile import Twin, make_twins


@pytest.fixture
def twins(app: Flask, alice: User) -> Iterator[tuple[Twin, Twin]]:
    """The hostile table and its harmless twin; at the end both are as they were, and nothing ran."""
    with app.app_context():
        made = make_twins(db.session.merge(alice))
        files = {_file(version): _digest(_file(version)) for version in db.session.scalars(select(Version))}
    yield made
    assert "PWNED" not in os.environ
    assert {path: _digest(path) for path in files} == files


def _file(version: Version) -> Path:
    return storage.folder(version.key) / "table.parquet"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
