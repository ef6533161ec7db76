"""The plain CSV: what was written is read back equal by a strict reader."""

import csv

from beanft.engine.tables.formats.plain import PlainCsv


def test_cells_are_read_back_equal(tmp_path):
    rows = [["a", "b"], ['x"y', "1,2"], ["line\nbreak", " blank "], ["é€🙂", "'"], ["", ""]]
    with PlainCsv(tmp_path / "a.csv") as out:
        for row in rows:
            out.write(row)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file, strict=True)) == rows
    assert out.n_rows == 5
    assert out.notes() == []


def test_no_carriage_return_and_no_nul_is_left(tmp_path):
    with PlainCsv(tmp_path / "a.csv") as out:
        out.write(["a\rb", "c\r\nd", "e\0f", "\udce9"])
    assert (tmp_path / "a.csv").read_bytes() == '"a\nb","c\nd",ef,�\n'.encode()
