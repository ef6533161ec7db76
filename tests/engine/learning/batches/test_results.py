"""Pages of predictions, and the files in which they are handed out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from beanft.engine.errors import EngineError
from beanft.engine.learning.batches.downloads import MOST_ROWS, require_sheet, write_text
from beanft.engine.learning.batches.results import (
    ANY_WARNING,
    LONGEST,
    MOST_COLUMNS,
    NO_WARNING,
    Wish,
    _shown,
    predictions,
)
from beanft.engine.learning.batches.workbook import write_workbook
from engine.learning.batches.files import NOTES, classes, numbers


def test_rows_come_in_the_order_of_the_file_with_their_answers(tmp_path: Path):
    path, facts = classes(tmp_path)
    found = predictions(path, facts, Wish(), limit=2)
    assert found.n_matching == 10
    assert found.columns == ("note", "prediction", "kind")
    second = found.rows[1]
    assert (second.row, second.prediction, second.chance, second.set) == (2, "b", 0.9, ("b", "a"))
    assert second.warnings == ("range", "far")
    assert second.cells == ("-2.5", "mine", "b")


@pytest.mark.parametrize(
    ("wish", "rows"),
    [
        (Wish(warning=ANY_WARNING), [2, 3, 7]),
        (Wish(warning=NO_WARNING), [1, 4, 5, 6, 8, 9, 10]),
        (Wish(warning="far"), [2, 7]),
        (Wish(answer="b", warning="far"), [2]),
        (Wish(search="HYPERLINK"), [5]),
        (Wish(sort="confidence"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (Wish(sort="confidence", descending=True, answer="a"), [9, 7, 5, 3, 1]),
        (Wish(sort="row_number", descending=True, warning="far"), [7, 2]),
    ],
)
def test_rows_are_chosen_and_sorted(tmp_path: Path, wish: Wish, rows: list[int]):
    path, facts = classes(tmp_path)
    assert [row.row for row in predictions(path, facts, wish).rows] == rows


def test_numbers_have_their_interval(tmp_path: Path):
    path, facts = numbers(tmp_path)
    row = predictions(path, facts, Wish(sort="prediction", descending=True), limit=1).rows[0]
    assert (row.row, row.prediction, row.low, row.high, row.chance) == (60, 590.0, 589.0, 591.0, None)


def test_of_many_columns_those_that_the_model_needs_are_shown():
    names = [f"c{i}" for i in range(500)]
    shown = _shown(names, ["c499", "not there"])
    assert len(shown) == MOST_COLUMNS
    assert shown[-1] == "c499"
    assert _shown(names[:5], []) == names[:5]


def _csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_exact_csv_keeps_text_and_every_digit(tmp_path: Path):
    path, facts = classes(tmp_path)
    write_text(path, facts, tmp_path / "out.part", format="csv")
    header, *rows = _csv(tmp_path / "out.part")
    assert header == facts["columns"][:-1]
    assert [row[0] for row in rows] == [note or "" for note in NOTES]
    confidence = [float(row[header.index("confidence")]) for row in rows]
    assert confidence[:3] == [0.1 + 0.2, 1 / 3, 0.5]


def test_the_csv_for_spreadsheets_disarms_formulas(tmp_path: Path):
    path, facts = classes(tmp_path)
    write_text(path, facts, tmp_path / "out.part", format="safe")
    assert (tmp_path / "out.part").read_bytes().startswith(b"\xef\xbb\xbf")
    notes = [row[0] for row in _csv(tmp_path / "out.part")[1:6]]
    assert notes == ["'=1+1", "-2.5", "'@x", "", "' =HYPERLINK(1)"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.part", "predictions.parquet"]


def test_a_workbook_holds_text_as_text_and_plain_numbers_as_numbers(tmp_path: Path):
    path, facts = classes(tmp_path)
    target = tmp_path / "predictions.xlsx"
    assert write_workbook(source=str(path), target=str(target), facts=facts)["size_bytes"] > 0
    header, *rows = CalamineWorkbook.from_path(target).get_sheet_by_index(0).to_python()
    assert header == facts["columns"][:-1]
    notes = [row[0] for row in rows]
    assert notes == ["=1+1", -2.5, "@x", "", " =HYPERLINK(1)", "007", "1.50", 12, 'a "b", c', "x\ny"]
    assert rows[1][header.index("confidence")] == pytest.approx(1 / 3, rel=1e-15)
    assert b"<f>" not in target.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["predictions.parquet", "predictions.xlsx"]


def test_what_does_not_fit_on_a_sheet_is_refused():
    with pytest.raises(EngineError, match="1,048,575 rows below its header"):
        require_sheet({"n_rows": MOST_ROWS + 1, "columns": ["a"]})
    with pytest.raises(EngineError, match="16,384 columns"):
        require_sheet({"n_rows": 1, "columns": ["a"] * 20_000})


def test_long_texts_are_cut_and_the_set_stays_whole(tmp_path: Path):
    path, facts = classes(tmp_path)
    table = pq.read_table(path)
    place = table.column_names.index("note")
    long = pa.array(["é" * 300_000, "y" * LONGEST, *[None] * 8], pa.string())
    many = json.dumps(["a", "b" * 500])
    table = table.set_column(place, "note", long)
    table = table.set_column(table.column_names.index("set"), "set", pa.array([many] * 10, pa.string()))
    pq.write_table(table, path)
    found = predictions(path, facts, Wish(), limit=2)
    assert [row.cells[0] for row in found.rows] == ["é" * LONGEST + "…", "y" * LONGEST]
    assert found.rows[0].set == ("a", "b" * 500)
    assert found.cut_at == LONGEST
    assert predictions(path, facts, Wish(), offset=1).cut_at is None
