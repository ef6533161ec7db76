"""JSON: objects become rows, digits stay as they are, and what is no object is named by its line."""

import json
import random
from pathlib import Path

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.json_lines import Converted, convert


def converted(tmp_path: Path, content: str | bytes, **options) -> tuple[str, Converted]:
    source = tmp_path / "in.json"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = convert(source, tmp_path / "out.csv", **options)
    return (tmp_path / "out.csv").read_text(encoding="utf-8"), found


def refused(tmp_path: Path, content: str | bytes, **options) -> str:
    with pytest.raises(EngineError) as error:
        converted(tmp_path, content, **options)
    return str(error.value)


def test_lines_become_rows_with_all_their_digits(tmp_path):
    lines = '{"a": 1.10, "b": "x"}\n\n{"b": null, "a": 12345678901234567890, "c": true}\r\n{"a": NaN}'
    text, found = converted(tmp_path, lines)
    assert text == "a,b,c\n1.10,x,\n12345678901234567890,,true\nNaN,,\n"
    assert (found.is_lines, found.n_rows, found.notes) == (True, 3, ())


def test_a_list_becomes_rows(tmp_path):
    text, found = converted(tmp_path, '[\n {"a": 1, "b": "x,\\"y"},\n {"a": false}\n]\n')
    assert text == 'a,b\n1,"x,""y"\nfalse,\n'
    assert not found.is_lines


def test_objects_over_several_lines_become_rows(tmp_path):
    assert converted(tmp_path, '{\n"a": 1\n}\n{\n"a": 2\n}\n')[0] == "a\n1\n2\n"


def test_columns_that_come_late_are_columns(tmp_path):
    lines = '{"a": 1}\n' * 6000 + '{"z": 2}\n'
    text, _ = converted(tmp_path, lines)
    assert text == "a,z\n" + "1,\n" * 6000 + ",2\n"


def test_nested_values_stay_json(tmp_path):
    text, found = converted(tmp_path, '{"a": {"b": [1, 2.50]}, "n": 1.10}\n{"a": 1, "n": 2}\n')
    assert text == 'a,n\n"{""b"":[1,2.5]}",1.10\n1,2\n'
    assert found.notes == ("Nested values were kept as JSON text in a.",)


def test_what_no_text_can_hold_is_changed_and_said(tmp_path):
    text, found = converted(tmp_path, '[{"a": "x\\u0000y", "b": "\\ud800", "c": "1\\r\\n2"}]')
    assert text == 'a,b,c\nxy,�,"1\n2"\n'
    assert found.notes == (
        "NUL characters were removed from 1 cell.",
        "Half characters in 1 cell were replaced by �.",
        "Line breaks inside 1 cell were made equal.",
    )


def test_a_name_that_stands_twice_is_said(tmp_path):
    text, found = converted(tmp_path, '{"a": 1, "a": 2}\n{"a": 3}\n')
    assert text == "a\n2\n3\n"
    assert found.notes == ("1 object had the same name twice; the last value was taken, as JSON readers do.",)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_marks_are_heeded(tmp_path, encoding):
    assert converted(tmp_path, '{"ä": "é"}\n{"ä": "ü"}\n'.encode(encoding))[0] == "ä\né\nü\n"


def test_a_wished_encoding_is_used(tmp_path):
    assert converted(tmp_path, '{"a": "é"}\n'.encode("cp1252"), encoding="cp1252")[0] == "a\né\n"


def test_broken_lines_are_named(tmp_path):
    lines = '{"a": 1}\n{"a":\n[1]\n{"a": 2} x\n{"a": 3}\n'
    assert refused(tmp_path, lines) == (
        '3 lines are no JSON object: line 2 is no JSON at character 6 (“{"a":”), '
        'line 3 is no object (“[1]”), line 4 has more after the object ends at character 8 (“{"a": 2} x”). '
        "Correct them and upload the file again, or read the file again with these rows set aside."
    )


def test_bytes_of_another_encoding_are_named(tmp_path):
    assert 'line 2 holds bytes that are not text of its encoding (“{"a":"�"}”)' in refused(
        tmp_path, b'{"a":"x"}\n{"a":"\xe9"}\n'
    )


def test_broken_lines_are_set_aside(tmp_path):
    lines = '{"a": 1}\n' + "oops\n" * 7 + '{"a": 2}\n'
    text, found = converted(tmp_path, lines, rejects=tmp_path / "rejects.csv")
    assert text == "a\n1\n2\n"
    assert found.n_rejected == 7
    assert found.rejected[0] == (2, "is no JSON at character 1", "oops")
    assert len(found.rejected) == 5
    aside = (tmp_path / "rejects.csv").read_text().splitlines()
    assert aside[:2] == ["line,reason,text", "2,is no JSON at character 1,oops"]
    assert len(aside) == 8


def test_no_rejects_file_where_all_is_well(tmp_path):
    converted(tmp_path, '{"a": 1}\n', rejects=tmp_path / "rejects.csv")
    assert not (tmp_path / "rejects.csv").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('[{"a": 1}', "The file ends inside the list: line 1, at its end."),
        ('[{"a": 1}\n{"a": 2}]', "A comma is missing between two objects: line 2, near"),
        ('[{"a": 1},\n{"a": oops}]', "This is no JSON, or the file is not whole: line 2, near"),
        ('[{"a": 1}] x', "More text follows after the list: line 1, near"),
        ("[[1, 2], [3, 4]]", "The list does not hold objects: entry 1 is “[1, 2]”."),
        ("[]", "The file has no rows"),
        ("{}", "The file has no rows"),
        ("\n \n", "The file is empty: it holds only blank lines."),
        ('{"a": 1,\n"b": 2}', "The file is one JSON object (a, b), not a table."),
        ('{"n": 2, "rows": [{"a": 1}]}', "the table seems to be the list “rows” inside it"),
        ('{"n": 2,\n"rows": [{"a": 1}]}', "the table seems to be the list “rows” inside it"),
        ("[" * 100_000, "Lists or objects are nested too deeply: line 1, near"),
        ('[{"a": ' + "[" * 100_000, "Lists or objects are nested too deeply: line 1, near"),
    ],
)
def test_refusals(tmp_path, content, sentence):
    assert sentence in refused(tmp_path, content)


def test_too_much_is_refused(tmp_path):
    many = "{" + ", ".join(f'"c{n}": 1' for n in range(11)) + "}\n"
    assert "more than 10 different names" in refused(tmp_path, many, max_columns=10)
    assert "more than the 5 cells allowed" in refused(tmp_path, '{"a": 1}\n' * 9, max_cells=5)
    long = '{"a": "' + "x" * (2 << 20) + '"}\n'
    assert "Line 2 is longer than 1 MB" in refused(tmp_path, '{"a": 1}\n' + long, max_line_mb=1)
    assert "an object longer than 1 MB: line 1" in refused(tmp_path, f'[{{"a": 1}}, {long}]', max_line_mb=1)
    spread = '{"a": [\n' + "1,\n" * (1 << 20)
    assert refused(tmp_path, spread, max_line_mb=1).startswith("The file is one large JSON object")


def test_only_the_first_rows_for_a_look(tmp_path):
    text, found = converted(tmp_path, '{"a": 1}\n' * 9 + "oops", max_rows=3)
    assert (text, found.n_rows) == ("a\n1\n1\n1\n", 3)


@pytest.mark.parametrize(
    "cut", ['{"a": 1}\n{"a": 2}\n{"a"', '[{"a": 1}, {"a": 2}, {"a"', '[{"a": 1}, {"a": 2},']
)
def test_a_cut_beginning_gives_its_whole_objects(tmp_path, cut):
    assert converted(tmp_path, cut, is_cut=True)[0] == "a\n1\n2\n"


def test_mutated_files_give_rows_or_a_sentence(tmp_path):
    chance = random.Random(11)
    lines = "\n".join(json.dumps({"a": n, "b": [n], "c": "é"}) for n in range(30)).encode()
    listed = json.dumps([{"a": n, "b": "x"} for n in range(30)]).encode()
    n_refused = 0
    for _ in range(300):
        content = bytearray(chance.choice((lines, listed)))
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.choice(b'{}[]",:\\\n\0\xff1')
        try:
            converted(tmp_path, bytes(content))
        except EngineError as error:
            n_refused += 1
            str(error).encode()  # no half characters in a sentence
    assert n_refused > 50
