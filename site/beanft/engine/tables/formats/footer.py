"""Takes columns out of a Parquet file: those that stay are copied as they are stored, and no row is read.

Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

import os
from pathlib import Path
from struct import pack, unpack
from typing import BinaryIO

from beanft.engine.tables.formats.thrift import Struct, read_struct, write_struct

_MAGIC = b"PAR1"
_END = 8  # bytes: the length of the footer, and the magic
_SCHEMA, _ROW_GROUPS, _KEYS, _ORDERS = 2, 4, 5, 7  # fields of the footer
_N_CHILDREN = 5  # of an element of the schema
_CHUNKS, _BYTES, _SORTED, _GROUP_PLACE, _STORED_BYTES = 1, 2, 4, 5, 6  # of a row group
_CHUNK_PLACE, _FACTS, _PAGE_INDEXES = 2, 3, (4, 5, 6, 7)  # of a chunk
_OWN_BYTES, _OWN_STORED_BYTES = 6, 7  # of the facts of a chunk
_DATA, _INDEX, _DICTIONARY = 9, 10, 11  # the same: where its pages are
_FILTER, _FILTER_BYTES = 14, 15  # the same
_BLOCK = 1 << 20


def keep_columns(source: Path, target: Path, n: int) -> None:
    """Copy the first columns of a file; nothing of the others is in the copy.

    Parameters
    ----------
    source : Path
        A Parquet file.
    target : Path
        Where the copy goes.
    n : int
        Columns to keep; none of them may hold others.

    Raises
    ------
    ValueError
        When the file is none of these.

    Examples
    --------
    >>> import tempfile, pyarrow, pyarrow.parquet as pq
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path, copy = Path(folder) / "a.parquet", Path(folder) / "b.parquet"
    ...     pq.write_table(pyarrow.table({"a": [1], "b": [2], "c": [3]}), path, store_schema=False)
    ...     keep_columns(path, copy, 2)
    ...     pq.read_table(copy).to_pydict()
    {'a': [1], 'b': [2]}
    """
    with source.open("rb") as file, target.open("wb") as copy:
        try:
            footer = _footer(file)
            _cut(footer, n)
            copy.write(_MAGIC)
            for group in footer[_ROW_GROUPS][1][1]:
                _copy_group(file, copy, group)
        except (KeyError, RecursionError) as error:
            raise ValueError("this is no Parquet file of plain columns") from error
        written = write_struct(footer)
        copy.write(written + pack("<I4s", len(written), _MAGIC))


def _footer(file: BinaryIO) -> Struct:
    end = file.seek(0, os.SEEK_END)
    if end < _END:
        raise ValueError("this is no Parquet file")
    file.seek(end - _END)
    size, magic = unpack("<I4s", file.read(_END))
    if magic != _MAGIC or size > end - _END:
        raise ValueError("this is no Parquet file")
    file.seek(end - _END - size)
    return read_struct(file.read(size))


def _cut(footer: Struct, n: int) -> None:
    """Leave the first columns in the schema and in each row group."""
    elements = footer[_SCHEMA][1][1]
    if any(_N_CHILDREN in element for element in elements[1 : n + 1]):
        raise ValueError("a column to keep holds others")
    if not 0 < n < len(elements):
        raise ValueError(f"there are no {n} columns")
    del elements[n + 1 :]
    elements[0][_N_CHILDREN] = (elements[0][_N_CHILDREN][0], n)
    footer.pop(_KEYS, None)  # what a writer noted of its own columns
    if _ORDERS in footer:
        del footer[_ORDERS][1][1][n:]
    for group in footer[_ROW_GROUPS][1][1]:
        group.pop(_SORTED, None)
        chunks = group[_CHUNKS][1][1]
        del chunks[n:]
        for total, own in ((_BYTES, _OWN_BYTES), (_STORED_BYTES, _OWN_STORED_BYTES)):
            if total in group:
                group[total] = (group[total][0], sum(chunk[_FACTS][1][own][1] for chunk in chunks))


def _copy_group(file: BinaryIO, copy: BinaryIO, group: Struct) -> None:
    """Copy the chunks of a row group one after the other, and note where they are now."""
    start = copy.tell()
    for chunk in group[_CHUNKS][1][1]:
        _copy_chunk(file, copy, chunk)
    if _GROUP_PLACE in group:
        group[_GROUP_PLACE] = (group[_GROUP_PLACE][0], start)


def _copy_chunk(file: BinaryIO, copy: BinaryIO, chunk: Struct) -> None:
    facts = chunk[_FACTS][1]
    places = [number for number in (_DATA, _INDEX, _DICTIONARY) if number in facts and facts[number][1] > 0]
    start = min(facts[number][1] for number in places)
    moved = copy.tell() - start
    _copy(file, copy, start, facts[_OWN_STORED_BYTES][1])
    for number in places:
        facts[number] = (facts[number][0], facts[number][1] + moved)
    if chunk.get(_CHUNK_PLACE, (0, 0))[1]:
        chunk[_CHUNK_PLACE] = (chunk[_CHUNK_PLACE][0], chunk[_CHUNK_PLACE][1] + moved)
    for number in _PAGE_INDEXES:  # they hold places themselves; readers do without
        chunk.pop(number, None)
    if _FILTER in facts and _FILTER_BYTES in facts:
        place = copy.tell()
        _copy(file, copy, facts[_FILTER][1], facts[_FILTER_BYTES][1])
        facts[_FILTER] = (facts[_FILTER][0], place)
    else:
        facts.pop(_FILTER, None)


def _copy(file: BinaryIO, copy: BinaryIO, start: int, n_bytes: int) -> None:
    file.seek(start)
    while n_bytes:
        block = file.read(min(n_bytes, _BLOCK))
        if not block:
            raise ValueError("the file ends within a column")
        copy.write(block)
        n_bytes -= len(block)
