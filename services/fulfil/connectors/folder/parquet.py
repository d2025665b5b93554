"""Parquet files, through Apache Arrow, which is an optional extra (`habeas[parquet]`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from services.fulfil.connectors.folder.formats import Decide, Record
from services.fulfil.connectors.protocol import SystemRefuses

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:  # pragma: no cover - the test installation has it
    raise SystemRefuses("Parquet files need an extra library: pip install 'habeas[parquet]'.") from None

ROWS_A_BATCH: Final = 2_000


class Parquet:
    """One Parquet file, read and written a batch of rows at a time, with its schema and compression kept."""

    def fields(self, path: Path) -> dict[str, set[type]]:
        """The schema says them."""
        with _opened(path) as file:
            return {column.name: {_type(column.type)} for column in file.schema_arrow}

    def records(self, path: Path) -> Iterator[Record]:
        """Yield the records."""
        number = 0
        with _opened(path) as file:
            for batch in file.iter_batches(ROWS_A_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield Record(number, row, b"")

    def rewrite(self, path: Path, target: IO[bytes], decide: Decide) -> None:
        """Write every batch again: untouched ones as they are, the others row by row."""
        number = 0
        with _opened(path) as file:
            packed = file.metadata.row_group(0).column(0).compression.lower() if file.num_row_groups else "snappy"
            schema = file.schema_arrow
            compression = "none" if packed == "uncompressed" else packed
            with pq.ParquetWriter(target, schema, compression=compression) as writer:
                for batch in file.iter_batches(ROWS_A_BATCH):
                    rows = batch.to_pylist()
                    decided = [decide(number + n, row) for n, row in enumerate(rows, 1)]
                    number += len(rows)
                    if any(new is not old for new, old in zip(decided, rows, strict=True)):
                        batch = _rebuilt(path, [row for row in decided if row is not None], schema)
                    writer.write_batch(batch)


def _rebuilt(path: Path, rows: list[dict[str, Any]], schema: Any) -> Any:
    try:
        return pa.RecordBatch.from_pylist(rows, schema=schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
        said = f"{path.name}: a column's type cannot hold the replacement ({type(fault).__name__})."
        raise SystemRefuses(f"{said} Say `mask: null` for it in the map.") from None


def _opened(path: Path) -> Any:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as fault:
        raise SystemRefuses(f"{path.name} is no readable Parquet file ({type(fault).__name__}).") from None


def _type(declared: Any) -> type:
    kinds = (
        (pa.types.is_boolean, bool),
        (pa.types.is_integer, int),
        (pa.types.is_floating, float),
        (pa.types.is_nested, dict),
        (pa.types.is_string, str),
        (pa.types.is_large_string, str),
    )
    return next((kind for matches, kind in kinds if matches(declared)), object)
