"""Takes columns out of a Parquet file by rewriting the footer that describes it: no row is read.

Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

import os
from pathlib import Path
from struct import pack, unpack

from beanft.engine.tables.formats.thrift import Struct, read_struct, write_struct

_MAGIC = b"PAR1"
_END = 8  # bytes: the length of the footer, and the magic
_SCHEMA, _ROW_GROUPS, _ORDERS = 2, 4, 7  # fields of the footer
_N_CHILDREN = 5  # of an element of the schema
_CHUNKS, _BYTES, _STORED_BYTES = 1, 2, 6  # of a row group
_FACTS, _OWN_BYTES, _OWN_STORED_BYTES = 3, 6, 7  # of a chunk, and of its facts


def keep_columns(path: Path, n: int) -> None:
    """Take all but the first columns out of a file; their bytes stay in it, but nobody finds them.

    Parameters
    ----------
    path : Path
        A Parquet file.
    n : int
        Columns to keep; none of them may hold others.

    Raises
    ------
    ValueError
        When the file is none of these; then nothing was changed.

    Examples
    --------
    >>> import tempfile, pyarrow, pyarrow.parquet as pq
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.parquet"
    ...     pq.write_table(pyarrow.table({"a": [1], "b": [2], "c": [3]}), path, store_schema=False)
    ...     keep_columns(path, 2)
    ...     pq.read_table(path).to_pydict()
    {'a': [1], 'b': [2]}
    """
    with path.open("r+b") as file:
        file.seek(-_END, os.SEEK_END)
        size, magic = unpack("<I4s", file.read(_END))
        if magic != _MAGIC:
            raise ValueError("this is no Parquet file")
        start = file.seek(-_END - size, os.SEEK_END)
        footer = read_struct(file.read(size))
        _cut(footer, n)
        written = write_struct(footer)
        file.seek(start)
        file.write(written + pack("<I4s", len(written), _MAGIC))
        file.truncate()


def _cut(footer: Struct, n: int) -> None:
    """Leave the first columns in the schema and in each row group."""
    elements = footer[_SCHEMA][1][1]
    if any(_N_CHILDREN in element for element in elements[1 : n + 1]):
        raise ValueError("a column to keep holds others")
    del elements[n + 1 :]
    elements[0][_N_CHILDREN] = (elements[0][_N_CHILDREN][0], n)
    if _ORDERS in footer:
        del footer[_ORDERS][1][1][n:]
    for group in footer[_ROW_GROUPS][1][1]:
        chunks = group[_CHUNKS][1][1]
        del chunks[n:]
        for total, own in ((_BYTES, _OWN_BYTES), (_STORED_BYTES, _OWN_STORED_BYTES)):
            if total in group:
                group[total] = (group[total][0], sum(chunk[_FACTS][1][own][1] for chunk in chunks))
