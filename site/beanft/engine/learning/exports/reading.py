"""Reads the original file of a table with pandas, cell by cell as it was read when it was brought."""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.cells import value_of

_ROWS_AT_ONCE = 100_000
_PACKED: dict[bytes, Any] = {b"\x1f\x8b": "gzip", b"PK": "zip"}
_TEXTS = ("category", "text", "boolean")
_NUMBERS = ("BIGINT", "DOUBLE")
_MOMENTS = ("DATE", "TIMESTAMP")


def read_csv(
    path: Path, source: Mapping[str, Any], columns: list[dict[str, Any]], rows: np.ndarray
) -> pd.DataFrame:
    """Read some rows of the original CSV.

    Parameters
    ----------
    path : Path
        The file.
    source : mapping
        encoding, delimiter, quote, escape, n_skipped and has_header, as they were found.
    columns : list of dict
        The columns wanted, as profiles hold them, and the place of each in the file.
    rows : array of shape (n_rows,)
        Numbers of the rows wanted, ascending, from 0.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        Numbers, dates as datetime64, all else as text; None, NaN or NaT where there is no value.

    Raises
    ------
    EngineError
        The file cannot be read so, or has fewer rows.
    """
    places = {one["name"]: one["place"] for one in columns}
    order = {place: i for i, place in enumerate(sorted(places.values()))}
    kept: list[pd.DataFrame] = []
    at = 0
    try:
        for chunk in _chunks(path, source, sorted(places.values())):
            wanted = rows[(rows >= at) & (rows < at + len(chunk))] - at
            kept.append(chunk.iloc[wanted])
            at += len(chunk)
    except (ValueError, UnicodeError, OSError, pd.errors.ParserError) as error:
        raise EngineError(f"pandas cannot read the file as it was read: {error}") from None
    texts = pd.concat(kept) if kept else pd.DataFrame()
    if len(texts) != len(rows):
        raise EngineError(f"The file has {at:,} rows; row {int(rows[-1]) + 1:,} is needed.")
    made = {
        one["name"]: _typed(texts.iloc[:, order[places[one["name"]]]].to_numpy(dtype=object), one)
        for one in columns
    }
    return pd.DataFrame(made, index=range(len(rows)))


def _chunks(path: Path, source: Mapping[str, Any], places: list[int]) -> Iterator[pd.DataFrame]:
    with path.open("rb") as file:
        packed = _PACKED.get(file.read(2))
    quote, is_doubled = source["quote"], source["escape"] == source["quote"]
    quoting: dict[str, Any] = {"quoting": csv.QUOTE_NONE}
    if quote:
        quoting = {"quotechar": quote, "doublequote": is_doubled}
        quoting |= {} if is_doubled else {"escapechar": source["escape"]}
    reader = pd.read_csv(
        path,
        sep=source["delimiter"],
        encoding=source["encoding"],
        skiprows=source["n_skipped"],
        header=0 if source["has_header"] else None,
        usecols=places,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        chunksize=_ROWS_AT_ONCE,
        compression=packed,
        **quoting,
    )
    with reader:
        yield from reader


def read_parquet(path: Path, columns: list[dict[str, Any]], rows: np.ndarray) -> pd.DataFrame:
    """Read some rows of the typed table that Beanft made of the original, and offers beside it.

    Parameters
    ----------
    path : Path
        The Parquet file.
    columns : list of dict
        The columns wanted, as profiles hold them.
    rows : array of shape (n_rows,)
        Numbers of the rows wanted, ascending, from 0.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        As `read_csv` gives it.
    """
    names = [one["name"] for one in columns]
    data = pd.read_parquet(path, columns=names, dtype_backend="pyarrow").iloc[rows]
    made = {}
    for one in columns:
        cells = data[one["name"]].to_numpy(dtype=object)
        made[one["name"]] = _column([None if pd.isna(cell) else cell for cell in cells], one)
    return pd.DataFrame(made, index=range(len(rows)))


def _typed(texts: np.ndarray, column: Mapping[str, Any]) -> Any:
    """Read texts; each different one is looked at once."""
    told = Column.from_dict(column)
    codes, different = pd.factorize(texts)
    values = [value_of(told, text) for text in different]
    return _column([values[code] for code in codes], column)


def _column(values: list[Any], column: Mapping[str, Any]) -> Any:
    """Values as learning takes them: see `queries.pages.frame`."""
    if column["kind"] in _TEXTS or column["stored"] not in (*_NUMBERS, *_MOMENTS):
        return pd.Series([_as_text(value) for value in values], dtype=object)
    if column["stored"] in _MOMENTS:
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)), dtype="datetime64[us]")
    if column["stored"] == "BIGINT" and None not in values:
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _as_text(value: Any) -> str | None:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    return None if value is None else str(value)


def digest_of(values: pd.Series) -> str:
    """Give the SHA-256 of what a column holds: the same for equal values, whatever file they are read from.

    Parameters
    ----------
    values : Series of shape (n_rows,)
        Numbers, dates or texts.

    Returns
    -------
    str
        In hexadecimal digits.

    Examples
    --------
    >>> digest_of(pd.Series([1, 2])) == digest_of(pd.Series([1.0, 2.0]))
    True
    """
    if pd.api.types.is_numeric_dtype(values):
        cells = values.to_numpy(dtype="<f8")
        content = np.where(np.isnan(cells), np.nan, cells + 0.0).tobytes()
    elif pd.api.types.is_datetime64_any_dtype(values):
        content = values.to_numpy(dtype="datetime64[us]").astype("<i8").tobytes()
    else:
        content = json.dumps([None if pd.isna(one) else str(one) for one in values]).encode()
    return hashlib.sha256(content).hexdigest()


def differing(frame: pd.DataFrame, digests: Mapping[str, str]) -> list[str]:
    """Name the columns whose values are not those that were learned from.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        As it was read now.
    digests : mapping of str to str
        What `digest_of` gave for each column then.

    Returns
    -------
    list of str
        Names; empty when all is the same.
    """
    return [name for name, digest in digests.items() if digest_of(frame[name]) != digest]
