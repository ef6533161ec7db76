"""Opens Parquet files of others, row group by row group and batch by batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from beanft.engine.tables.formats.arrow import Table, batch_rows, refusing

_BUFFER = 1 << 20


@contextmanager
def open_parquet(path: Path) -> Iterator[Table]:
    """Open a Parquet file.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    Table
        Its columns and batches; a batch takes some megabytes, however large the row groups are.

    Raises
    ------
    EngineError
        When the file is damaged or encrypted.
    """
    with (
        refusing("Parquet file"),
        pq.ParquetFile(
            path, buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True
        ) as opened,
    ):
        yield Table(
            what="Parquet file",
            schema=opened.schema_arrow,
            n_rows=opened.metadata.num_rows,
            batches=lambda: opened.iter_batches(batch_size=_rows(opened), use_threads=False),
        )


def _rows(opened: pq.ParquetFile) -> int:
    """Rows of a batch, by what the file says of its size."""
    facts = opened.metadata
    size = sum(facts.row_group(number).total_byte_size for number in range(facts.num_row_groups))
    return batch_rows(facts.num_columns, size / max(facts.num_rows, 1))
