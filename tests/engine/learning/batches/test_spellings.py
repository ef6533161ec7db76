"""A text file is read in the way in which its own columns are written, where that is clear."""

from contextlib import contextmanager

import pyarrow as pa
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.batches import sources
from beanft.engine.learning.batches.sources import Asked, open_table
from beanft.engine.learning.checking.tables import check_table
from beanft.engine.learning.inputs import check
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.sources import Limits

PRICE = {"name": "price", "kind": "number", "stored": "DOUBLE", "format": ""}
GERMAN = PRICE | {"format": "decimal comma"}
DAY = {"name": "day", "kind": "date", "stored": "DATE", "format": ""}


@contextmanager
def opened(folder, text, schema):
    source = folder / "in.csv"
    source.write_text(text, encoding="utf-8")
    asked = Asked(path=source, name="in.csv", wanted=[column["name"] for column in schema])
    limits = Limits(unpacked_mb=64, max_columns=100, max_line_mb=1, memory_mb=256, room_bytes=None)
    with open_table(asked, folder / "out.parquet", limits=limits, progress=Progress()) as (table, _):
        yield table


def read(folder, cells, column, *, delimiter=";"):
    """Values, remarks and errors of a file of one column and another, and its notes."""
    lines = [f'{i}{delimiter}"{cell}"' for i, cell in enumerate(cells)]
    text = "\n".join([f"row{delimiter}{column['name']}", *lines]) + "\n"
    with opened(folder, text, [column]) as table:
        spelled = table.entries[0].spellings([column], Progress())
        whole = pa.Table.from_batches(table.entries[0].blocks())
    checked = check_table(whole, spelled.schema)
    by_cell = check([column["name"]], [[cell] for cell in cells], spelled.schema)
    assert checked.columns[column["name"]].tobytes() == by_cell.columns[column["name"]].tobytes()
    assert checked.n_errors == by_cell.n_errors
    return checked, spelled.notes


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize(
    "column", [PRICE, PRICE | {"stored": "BIGINT"}, PRICE | {"format": "thousands blank"}]
)
def test_german_numbers_are_no_thousand_times_smaller(tmp_path, column, delimiter):
    checked, notes = read(tmp_path, ["150,5", "9.000", "1.700", "12"], column, delimiter=delimiter)
    assert checked.columns["price"].tolist() == [150.5, 9000.0, 1700.0, 12.0]
    assert checked.n_errors == 0
    assert notes == ("In “price” “9.000” was read as 9000: all its cells are written in that way.",)
    assert "comma" not in checked.repair_counts


def test_plain_numbers_are_no_thousand_times_larger_for_a_model_of_german_ones(tmp_path):
    checked, notes = read(tmp_path, ["150.5", "9.125", "12"], GERMAN)
    assert checked.columns["price"].tolist() == [150.5, 9.125, 12.0]
    assert notes == ("In “price” “9.125” was read as 9.125: all its cells are written in that way.",)


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["9.000,0", "17"], [9000.0, 17.0]),
        (["9 000", "1 200 300"], [9000.0, 1200300.0]),
        (["1,300.00", "2,500.5", "7"], [1300.0, 2500.5, 7.0]),
        (["€ 1700", "€ 12.5"], [1700.0, 12.5]),
        (["12%", "7.5 %"], [12.0, 7.5]),
    ],
)
def test_spellings_that_ingest_reads_are_read(tmp_path, cells, values):
    checked, notes = read(tmp_path, cells, PRICE)
    assert checked.columns["price"].tolist() == values
    assert checked.n_errors == 0
    assert len(notes) == 1


@pytest.mark.parametrize(("column", "value"), [(PRICE, 1.7), (GERMAN, 1700.0)])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_column_that_can_mean_both_is_read_as_in_training(tmp_path, column, value, delimiter):
    checked, notes = read(tmp_path, ["1.700", "12"], column, delimiter=delimiter)
    assert checked.columns["price"].tolist() == [value, 12.0]
    assert notes == ()


def test_mixed_and_foreign_columns_keep_the_way_of_training(tmp_path):
    mixed, notes = read(tmp_path, ["150,5", "17.5", "9.25", "8.75", "3,25"], PRICE)
    assert mixed.columns["price"].tolist() == [150.5, 17.5, 9.25, 8.75, 3.25]
    assert (notes, mixed.repair_columns) == ((), {"comma": {"price": 2}})
    dollars, notes = read(tmp_path, ["$ 5", "$ 7"], PRICE | {"unit": "€"})
    assert (dollars.n_errors, notes) == (2, ())


def test_one_cell_far_below_decides_for_all(tmp_path):
    checked, notes = read(tmp_path, [*["1.700"] * 3000, "0,5"], PRICE)
    assert checked.columns["price"].tolist() == [*[1700.0] * 3000, 0.5]
    assert len(notes) == 1


def test_dates_are_read_as_the_file_writes_them(tmp_path):
    for cells, column in (
        (["31.12.2024", "01.02.2024"], DAY),
        (["31/12/2024", "01/02/2024"], DAY | {"format": "%m/%d/%Y"}),
    ):
        checked, notes = read(tmp_path, cells, column)
        assert checked.columns["day"].astype(str).tolist() == [
            "2024-12-31T00:00:00.000000", "2024-02-01T00:00:00.000000",
        ]  # fmt: skip
        assert len(notes) == 1
    checked, notes = read(tmp_path, ["03/04/2024"], DAY | {"format": "%d/%m/%Y"})
    assert (str(checked.columns["day"][0])[:10], notes) == ("2024-04-03", ())


def test_own_words_for_missing_and_plain_files_change_nothing(tmp_path):
    column = PRICE | {"spellings": ["-999", "x"]}
    checked, notes = read(tmp_path, ["9.5", "x", "-999", "1.234"], column)
    assert checked.repair_columns == {"missing": {"price": 2}}
    assert notes == ()
    german, _ = read(tmp_path, ["9,5", "x", "-999", "1.234"], column)
    assert german.columns["price"][[0, 3]].tolist() == [9.5, 1234.0]
    assert german.repair_columns == {"missing": {"price": 2}}


def test_rows_that_are_none_are_still_named(tmp_path):
    with opened(tmp_path, "row;price\n1;2\n3;4;5;6\n", [PRICE]) as table:
        with pytest.raises(sources.BrokenError):
            table.entries[0].spellings([PRICE], Progress())
        with pytest.raises(EngineError, match="line 3"):
            table.entries[1].spellings([PRICE], Progress())
