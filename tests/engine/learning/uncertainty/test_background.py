from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.uncertainty.background import (
    drawn,
    make_background,
    open_background,
    save_background,
)
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "place": [1.5, np.nan, 3.0],  # named as the column that Beanft adds
            "0": pd.Series(["=1+1", None, "x"], dtype=object),
            "da\ty": pd.to_datetime(["2024-01-01 10:00", None, "2025-05-05 00:00"]),
            "n": [1, 2, 3],
        }
    )


def test_rows_come_back_as_they_were(tmp_path: Path, rows: pd.DataFrame) -> None:
    save_background(tmp_path, rows, np.array([5, 1, 9]))
    found = open_background(tmp_path)
    assert found is not None
    assert found.places.tolist() == [5, 1, 9]
    assert list(found.X) == list(rows)
    assert found.X["place"].tolist()[::2] == [1.5, 3.0]
    assert np.isnan(found.X["place"][1])
    assert found.X["0"].tolist() == ["=1+1", None, "x"]
    assert found.X["da\ty"].isna().tolist() == [False, True, False]
    assert found.X["da\ty"][0] == pd.Timestamp("2024-01-01 10:00")
    assert found.X["n"].dtype == np.float64
    assert [one.name for one in tmp_path.iterdir()] == ["background.parquet"]


def test_long_texts_are_cut(tmp_path: Path) -> None:
    save_background(tmp_path, pd.DataFrame({"t": ["x" * 10**5]}), np.array([0]))
    found = open_background(tmp_path)
    assert found is not None
    assert len(found.X["t"][0]) == 2000


def test_no_rows_and_damaged_rows_are_none(tmp_path: Path) -> None:
    assert open_background(tmp_path) is None
    (tmp_path / "background.parquet").write_bytes(b"PAR1 but not really")
    assert open_background(tmp_path) is None


def test_rows_of_an_older_training_are_read_from_its_table(tmp_path: Path) -> None:
    source, table = tmp_path / "t.csv", tmp_path / "t.parquet"
    source.write_text("a,b,y\n" + "".join(f"{n},{'uv'[n % 2]},{n % 3}\n" for n in range(60)))
    facts = ingest(source=str(source), target=str(table), original_name="t.csv")
    evidence = Evidence(
        folder=tmp_path, task="regression", target="y", metric="rmse", labels=(), features=("a", "b"), by="",
        seed=0, rows=np.arange(10, 60), rows_holdout=np.arange(10), y=np.zeros(50), y_holdout=np.zeros(10),
        order=None, order_holdout=None, fold=np.arange(50) % 5,
    )  # fmt: skip
    profile = Profile.from_dict(facts["profile"])
    assert not make_background(tmp_path, table, profile)
    evidence.save()
    assert make_background(tmp_path, table, profile)
    found = open_background(tmp_path)
    assert found is not None
    assert found.places.tolist() == drawn(evidence, 2).tolist()
    assert found.X["a"].tolist() == (found.places + 10).tolist()
    changed = (tmp_path / "background.parquet").stat().st_mtime_ns
    assert make_background(tmp_path, table, profile)
    assert (tmp_path / "background.parquet").stat().st_mtime_ns == changed
