"""The revision that brings saved charts and boards: undone and done again, other rows stay."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, select, text

from beanft.engine.charts.chart import Chart
from beanft.explore.boards import services
from beanft.extensions import db
from beanft.models import Board, Dataset, SavedChart, User, Version
from factories import make_dataset

MIGRATIONS = str(Path(__file__).resolve().parents[3] / "migrations")


def test_undoing_the_revision_takes_saved_charts_and_nothing_else(app: Flask, alice: User) -> None:
    with app.app_context():
        dataset = make_dataset(db.session.merge(alice))
        services.save_chart(version=dataset.versions[0], name="a", note="", chart=Chart(kind="bar", x="b"))
        services.describe_board(dataset_id=dataset.id, title="t", note="n")
        db.session.remove()
        downgrade(directory=MIGRATIONS, revision="0003")
        tables = db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        assert {"saved_chart", "board"} & set(tables) == set()
        counts = [db.session.scalar(text(f"SELECT count(*) FROM {name}")) for name in ("dataset", "version")]
        assert counts == [1, 1]
        db.session.remove()
        upgrade(directory=MIGRATIONS)
        numbers = [db.session.scalar(select(func.count()).select_from(one)) for one in (SavedChart, Board)]
        assert numbers == [0, 0]
        assert db.session.scalar(select(func.count()).select_from(Dataset)) == 1
        assert db.session.scalar(select(func.count()).select_from(Version)) == 1
        db.session.remove()
