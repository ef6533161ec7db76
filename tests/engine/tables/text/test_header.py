"""How names are made unique."""

from beanft.engine.tables.text.header import unique_names


def test_a_reserved_name_is_called_reserved():
    names, notes = unique_names(["rowid", "a", "A"])
    assert names == ("rowid (2)", "a", "A (2)")
    assert notes == [
        "The name “rowid” is reserved; column 1 was called “rowid (2)”.",
        "The name “A” was taken already; column 3 was called “A (2)”.",
    ]
