"""Kinds decided from whole columns: national spellings, ambiguity, almost-kinds, wishes, typed sources."""

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.read import ingest

PHONES = ["+491234567", "+4401234567", "+15551234567"]


def read(folder: Path, content: str, **wishes) -> Profile:
    (folder / "t.csv").write_text(content, encoding="utf-8")
    result = ingest(
        source=str(folder / "t.csv"),
        target=str(folder / "t.parquet"),
        original_name="t.csv",
        wishes={"columns": wishes} if wishes else None,
    )
    return Profile.from_dict(result["profile"])


def values(folder: Path) -> list:
    with duckdb.connect() as database:
        return [row[0] for row in database.read_parquet(str(folder / "t.parquet")).fetchall()]


def notes(folder: Path, cells: list[str], **wish) -> str:
    """All notes of a table whose first column has these cells."""
    lines = ["v;other", *(f"{cell};x{n % 3}" for n, cell in enumerate(cells))]
    return " ".join(read(folder, "\n".join(lines) + "\n", **({"v": wish} if wish else {})).notes)


def column(folder: Path, cells: list[str], delimiter: str = ";", name: str = "v", **wish) -> Column:
    lines = [f"{name}{delimiter}other", *(f"{cell}{delimiter}x{n % 3}" for n, cell in enumerate(cells))]
    return read(folder, "\n".join(lines) + "\n", **({name: wish} if wish else {})).columns[0]


@pytest.mark.parametrize(
    ("cells", "stored", "form", "unit", "first"),
    [
        (["1,234,567.89", "12", "3.5"], "DOUBLE", "thousands comma", "", 1234567.89),
        (["1,234", "12", "3,500"], "BIGINT", "thousands comma", "", 1234),
        (["1.234.567,89", "12", "3,5"], "DOUBLE", "decimal comma", "", 1234567.89),
        (["1 234 567,89", "12", "3,5"], "DOUBLE", "decimal comma", "", 1234567.89),
        (["1\u202f234", "12", "3\xa0500"], "BIGINT", "decimal comma", "", 1234),
        (["1'234'567.89", "12", "3.5"], "DOUBLE", "thousands blank", "", 1234567.89),
        (["$937.12", "$1,230.88", "-$5"], "DOUBLE", "thousands comma", "$", 937.12),
        (["12 %", "3%", "0"], "BIGINT", "", "%", 12),
        (["5,50 €", "1.200,00 €", "3 €"], "DOUBLE", "decimal comma", "€", 5.5),
        (["(5)", "12", "1,200"], "BIGINT", "thousands comma", "", -5),
        (["CHF 12.50", "CHF 3", "CHF 4"], "DOUBLE", "", "CHF", 12.5),
    ],
)
def test_national_numbers(tmp_path, cells, stored, form, unit, first):
    found = column(tmp_path, cells)
    assert (found.kind, found.stored, found.format, found.unit) == ("number", stored, form, unit)
    assert values(tmp_path)[0] == first


def test_units_that_differ_are_no_numbers(tmp_path):
    found = column(tmp_path, ["$5", "€6", "$7", "€8"])
    assert (found.stored, found.unit) == ("VARCHAR", "")


def test_three_digits_after_every_comma_are_ambiguous(tmp_path):
    found = column(tmp_path, ["1,234", "2,500", "3,500"])
    assert (found.format, found.other_formats) == ("decimal comma", ("thousands comma",))
    assert values(tmp_path) == [1.234, 2.5, 3.5]
    column(tmp_path, ["1,234", "2,500", "3,500"], format="thousands comma")
    assert values(tmp_path) == [1234, 2500, 3500]


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["yes", "no", "Yes", "yes"], ("no", "yes")),
        (["Ja", "Nein", "Ja"], ("Nein", "Ja")),
        (["N", "Y", "Y"], ("N", "Y")),
        (["on", "off", "on"], ("off", "on")),
        (["TRUE", "FALSE", "TRUE"], ("FALSE", "TRUE")),
        (["vrai", "faux", "vrai"], ("faux", "vrai")),
        (["sí", "no", "no"], ("no", "sí")),
    ],
)
def test_booleans_keep_the_owners_words(tmp_path, cells, labels):
    found = column(tmp_path, cells)
    assert (found.kind, found.labels) == ("boolean", labels)


def test_zero_and_one_are_numbers_unless_wished(tmp_path):
    assert column(tmp_path, ["0", "1", "0"]).kind == "number"
    assert column(tmp_path, ["0", "1", "0"], kind="boolean").labels == ("0", "1")
    assert values(tmp_path) == [False, True, False]


def test_eight_digits_are_days_where_the_name_says_so(tmp_path):
    assert column(tmp_path, ["20240131", "20231201", "20240229"], name="order_date").stored == "DATE"
    assert column(tmp_path, ["20240131", "20231201", "20240229"], name="size").stored == "BIGINT"
    assert (
        column(tmp_path, ["20240131", "20231201"], name="size", kind="date", format="%Y%m%d").stored == "DATE"
    )


def test_clocks_of_twelve_hours(tmp_path):
    found = column(tmp_path, ["07/23/2023 9:05 PM", "07/24/2023 12:00 AM", "07/25/2023 11:59 am"])
    assert (found.stored, found.format) == ("TIMESTAMP", "%m/%d/%Y %I:%M %p")
    assert [one.hour for one in values(tmp_path)] == [21, 0, 11]


def test_day_and_month_are_told_apart_by_the_whole_column(tmp_path):
    cells = ["01/02/2024"] * 5000 + ["31/12/2024"]
    assert column(tmp_path, cells, ",").format == "%d/%m/%Y"
    assert column(tmp_path, ["01/02/2024", "03/04/2024"], ",").other_formats == ("%d/%m/%Y",)


def test_times_that_are_all_midnight_are_days(tmp_path):
    found = column(tmp_path, ["2024-05-01 00:00:00", "2024-05-02T00:00", "", "2024-05-03T00:00:00.000"])
    assert (found.stored, found.format, found.n_unreadable) == ("DATE", "", 0)
    assert [str(day) for day in values(tmp_path)] == ["2024-05-01", "2024-05-02", "None", "2024-05-03"]
    late = ["2024-05-01 00:00:00"] * 3000 + ["2024-05-01 07:30:00"]
    found = column(tmp_path, late)
    assert (found.stored, found.n_unreadable, values(tmp_path)[-1].hour) == ("TIMESTAMP", 0, 7)


def test_what_most_cells_are_written_like_is_kept_for_finding_the_others(tmp_path):
    cells = [f"{n},5 €" for n in range(60)] + ["1.5", "k.A."] * 20
    found = column(tmp_path, cells)
    assert (found.stored, found.almost, found.n_unreadable) == ("VARCHAR", "number", 40)
    assert (found.almost_format, found.almost_unit, found.format) == ("decimal comma", "€", "")


def test_blanks_that_were_cut_off_texts_are_told(tmp_path):
    found = read(tmp_path, "region,size\nnord , 1\nsüd, 2\nwest,3\n")
    assert [note for note in found.notes if "Blanks" in note] == [
        "Blanks at the ends of cells were cut off in 1 column: “region”."
    ]
    assert not any("Blanks" in note for note in read(tmp_path, "region,size\nnord, 1\nsüd, 2\n").notes)


def test_days_of_all_times_are_kept(tmp_path):
    assert column(tmp_path, ["1066-10-14", "2999-01-01", "1677-01-01"]).stored == "DATE"
    assert [day.year for day in values(tmp_path)] == [1066, 2999, 1677]


def test_decimals_that_come_late_make_the_column_decimal(tmp_path):
    found = column(tmp_path, [str(n % 90) for n in range(30_000)] + ["1.5"])
    assert (found.stored, found.n_unreadable) == ("DOUBLE", 0)
    found = column(tmp_path, [str(n % 90) for n in range(30_000)] + ["1,5", "7,25"])
    assert (found.stored, found.format, found.n_unreadable) == ("DOUBLE", "decimal comma", 0)


def test_a_column_that_is_empty_at_first_is_not_text(tmp_path):
    found = column(tmp_path, [""] * 60_000 + ["5"] * 3 + [""] * 60_000 + ["7", "8.5"])
    assert (found.kind, found.stored, found.n_distinct) == ("number", "DOUBLE", 3)


def test_the_owner_chooses_what_becomes_of_cells_that_do_not_fit(tmp_path):
    cells = [str(n) for n in range(60)] + ["ill", "away"] * 20
    found = column(tmp_path, cells)
    assert (found.stored, found.almost, found.n_unreadable, found.n_missing) == ("VARCHAR", "number", 40, 0)
    assert found.unreadable[:2] == ((62, "ill"), (63, "away"))
    found = column(tmp_path, cells, kind="number")
    assert (found.stored, found.almost, found.n_unreadable, found.n_missing) == ("BIGINT", "", 40, 40)
    found = column(tmp_path, cells, kind="text")
    assert (found.stored, found.almost, found.n_unreadable) == ("VARCHAR", "", 0)


def test_spellings_of_missing_are_listed_and_can_be_chosen(tmp_path):
    cells = ["DE", "NA", "FR", "NA", "-", "FR"]
    found = column(tmp_path, cells)
    assert (found.missing, found.n_missing) == ((("NA", 2), ("-", 1)), 3)
    assert found.spellings is None
    found = column(tmp_path, cells, missing=[])
    assert (found.missing, found.n_missing) == ((), 0)
    assert found.spellings == ()
    found = column(tmp_path, ["5", "-999", "7", "NA"], kind="number", missing=["-999"])
    assert (found.missing, found.n_missing, found.unreadable) == ((("-999", 1),), 2, ((5, "NA"),))
    found = column(tmp_path, cells, missing=["-", "unknown"])
    assert (found.missing, found.n_missing) == ((("-", 1),), 1)
    assert found.spellings == ("-", "unknown")  # also the one that is not there yet


def test_columns_stored_before_spellings_were_kept_have_the_usual_ones(tmp_path):
    profile = read(tmp_path, "v,w\n1,a\n2,b\n", w={"missing": ["a"]})
    assert Profile.from_dict(profile.to_dict()) == profile
    before = profile.to_dict()
    for one in before["columns"]:
        del one["spellings"]
    assert [one.spellings for one in Profile.from_dict(before).columns] == [None, None]


def test_a_form_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(EngineError, match="“upside down” is no form in which “v” can be read"):
        column(tmp_path, ["1"], format="upside down")


@pytest.mark.parametrize(
    ("cells", "n_rounded"),
    [
        (["0.1234567890123456789", "0.5", "-12345678901234.5678"], 2),
        (["123.456.789.012.345,6789", "2,5", "3,25"], 1),
        (["0.10000000000000001", "0.30000000000000004", "0.1234567890123456"], 0),  # as programs write them
        (["2.2250738585072014e-308", "12345678901234567000.0", "0.500000000000000000000"], 0),
    ],
)
def test_digits_that_are_lost_are_counted(tmp_path, cells, n_rounded):
    said = notes(tmp_path, cells)
    assert values(tmp_path)[0] is not None
    assert ("rounded" in said) == bool(n_rounded)
    if n_rounded:
        assert f"“v”: {n_rounded} cell" in said


def test_phone_numbers_keep_their_plus(tmp_path):
    assert "seven digits or more, as phone numbers do" in notes(tmp_path, PHONES)
    assert values(tmp_path) == PHONES
    assert column(tmp_path, PHONES, kind="number").stored == "BIGINT"
    assert column(tmp_path, ["+1", "+2", "-1234567"]).stored == "BIGINT"
    assert column(tmp_path, [*PHONES[:1], "1234567", "7654321"]).stored == "BIGINT"
    assert column(tmp_path, ["+49 123 456 789", "+49 987 654 321"]).stored == "VARCHAR"


def test_brackets_that_mean_a_minus_are_said(tmp_path):
    assert "“v”: 2 cells in brackets were read as negative numbers." in notes(tmp_path, ["(5)", "12", "(7)"])
    assert values(tmp_path) == [-5, 12, -7]
    assert "brackets" not in notes(tmp_path, ["+1,200", "12", "1,300"])


def test_times_without_a_zone_among_others_are_counted(tmp_path):
    cells = ["2024-01-01 10:00:00+0100", "2024-01-01 10:00:00", "2024-01-01T10:00:00Z", "2024-01-02"]
    assert "2 cells have no zone: they were taken as UTC already." in notes(tmp_path, cells)
    assert [one.hour for one in values(tmp_path)] == [9, 10, 10, 0]
    assert "no zone" not in notes(tmp_path, cells[:1])


def test_times_with_zones_are_in_utc_and_say_so_beside_their_column(tmp_path):
    found = column(tmp_path, ["2024-01-01T00:00:00+01:00", "2024-01-01T01:00:00+01:00"])
    assert (found.stored, found.unit, found.format) == ("TIMESTAMP", "UTC", "")
    assert str(values(tmp_path)[0]) == "2023-12-31 23:00:00"
    assert column(tmp_path, ["2024-01-01T00:00:00", "2024-01-01T01:00:00"]).unit == ""
    assert column(tmp_path, ["2024-01-01T00:00:00Z", "x"], kind="text").unit == ""


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_times_of_typed_files_that_have_zones_show_utc_as_well(tmp_path, ending):
    hours = [datetime(2024, 1, 1, hour) for hour in (0, 1, 12)]
    table = pa.table(
        {
            "v": pa.array(hours, pa.timestamp("us", "Europe/Berlin")),
            "plain": pa.array(hours, pa.timestamp("us")),
            "picked": pa.array(hours, pa.timestamp("ms", "UTC")),
            "words": pa.array(hours, pa.timestamp("us", "+01:00")),
            "days": pa.array(hours[:1] * 3, pa.timestamp("us", "UTC")),
        }
    )
    (parquet.write_table if ending == "parquet" else feather.write_feather)(table, str(tmp_path / "up"))
    wishes = {"columns": {"picked": {"kind": "date", "format": "plain"}, "words": {"kind": "text"}}}
    found = ingest(
        source=str(tmp_path / "up"), target=str(tmp_path / "t.parquet"), original_name="up", wishes=wishes
    )
    columns = Profile.from_dict(found["profile"]).columns
    assert [one.unit for one in columns] == ["UTC", "", "UTC", "", ""]
    assert [one.stored for one in columns] == ["TIMESTAMP", "TIMESTAMP", "TIMESTAMP", "VARCHAR", "DATE"]
    assert values(tmp_path) == hours


def test_a_unit_that_was_taken_off_is_told(tmp_path):
    told = "The unit “€” was taken off the cells of “v”: the numbers are in it."
    assert told in notes(tmp_path, ["5,50 €", "1.200,00 €", "3 €"])
    assert told in notes(tmp_path, ["5,50 €", "1.200,00 €", "3 €"], kind="number", format="decimal comma")
    assert "unit" not in notes(tmp_path, ["5,50", "1.200,00", "3"])


def test_two_digits_of_a_year_are_explained(tmp_path):
    assert "69 to 99 were read as 1969 to 1999" in notes(tmp_path, ["13.02.69", "14.02.68"])
    assert [day.year for day in values(tmp_path)] == [1969, 2068]
    assert "two digits" not in notes(tmp_path, ["13.02.69", "14.02.68"], format="%d.%m.%y")


def test_nanoseconds_are_not_cut_off(tmp_path):
    cells = ["2024-01-01 10:00:00.123456789", "2024-01-01 10:00:01.000000001"]
    assert "they have nanoseconds" in notes(tmp_path, cells)
    assert values(tmp_path) == cells
    assert column(tmp_path, ["2024-01-01 10:00:00.123456000", "2024-01-01 10:00:01.5"]).stored == "TIMESTAMP"


def test_there_is_no_year_0(tmp_path):
    assert column(tmp_path, ["0000-01-01", *["2024-01-01", "0001-01-01"] * 100]).n_unreadable == 1
    assert values(tmp_path)[0] is None


def test_a_typed_file_keeps_its_types_unless_wished(tmp_path):
    with duckdb.connect() as database:
        database.execute(
            "COPY (SELECT r AS id, r % 2 AS flag, r / 4.0::DOUBLE AS x, "
            "CASE r % 3 WHEN 0 THEN 'NA' ELSE '1' || r END AS t, "
            "DATE '2024-01-01' + r::INTEGER AS d FROM (SELECT unnest(range(1, 41)) AS r)) "
            f"TO '{tmp_path}/in.parquet' (FORMAT parquet)"
        )
    arguments = {
        "source": str(tmp_path / "in.parquet"),
        "target": str(tmp_path / "t.parquet"),
        "original_name": "in.parquet",
    }
    profile = Profile.from_dict(ingest(**arguments)["profile"])
    kinds = {one.name: (one.kind, one.stored, one.n_missing) for one in profile.columns}
    assert kinds == {
        "id": ("identifier", "BIGINT", 0),
        "flag": ("number", "BIGINT", 0),
        "x": ("number", "DOUBLE", 0),
        "t": ("category", "VARCHAR", 0),
        "d": ("date", "DATE", 0),
    }
    # NA is a word in the texts of a typed file; anywhere else it can only be nothing
    assert [one.spellings for one in profile.columns] == [None, None, None, (), None]
    wishes = {"columns": {"flag": {"kind": "boolean"}, "t": {"kind": "number"}, "x": {"kind": "text"}}}
    profile = Profile.from_dict(ingest(**arguments, wishes=wishes)["profile"])
    assert profile.column("t").spellings is None
    assert [one.stored for one in profile.columns] == ["BIGINT", "BOOLEAN", "VARCHAR", "BIGINT", "DATE"]
    assert profile.column("t").n_missing == 13


def typed(folder: Path, sql: str) -> Profile:
    source = folder / "in.parquet"
    with duckdb.connect() as database:
        database.execute(f"COPY ({sql}) TO '{source}' (FORMAT parquet)")
    result = ingest(source=str(source), target=str(folder / "t.parquet"), original_name=source.name)
    return Profile.from_dict(result["profile"])


def test_days_and_truths_of_a_typed_file_are_what_they_are_in_a_text(tmp_path):
    found = typed(
        tmp_path,
        "SELECT ['ja', 'nein', NULL][1 + i % 3] AS paid, TIMESTAMP '2024-05-01' + i * INTERVAL 1 DAY AS day, "
        "TIMESTAMP '2024-05-01' + i * INTERVAL 1 HOUR AS hour FROM range(60) t(i)",
    )
    assert [(one.kind, one.stored, one.n_missing) for one in found.columns] == [
        ("boolean", "BOOLEAN", 20),
        ("date", "DATE", 0),
        ("date", "TIMESTAMP", 0),
    ]
    assert found.column("paid").labels == ("nein", "ja")
    assert values(tmp_path)[:3] == [True, False, None]


def test_a_typed_text_stays_text_where_one_cell_is_neither_true_nor_false(tmp_path):
    words = "CASE WHEN i = 4900 THEN 'perhaps' ELSE ['ja', 'nein'][1 + i % 2] END"
    found = typed(tmp_path, f"SELECT {words} AS paid, i FROM range(5000) t(i)").column("paid")
    assert (found.kind, found.stored, found.n_missing, found.n_unreadable) == ("category", "VARCHAR", 0, 0)
