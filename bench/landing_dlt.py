"""Lands the CSV with dlt, at its fastest: `landing_dlt.py CSV OUT`.

Nothing is checked. The columns have Saydo's types, and each account is hashed once, with the same
key. Settings, each chosen by measuring: the file is read whole, on all cores, in large batches, and
is read and hashed beside the writing of the batches before (`parallelized`); text of few values
stays a list and numbers; dlt's own columns are off, as by default for Arrow, so that what was
extracted is passed on without being written again. The destination is a folder, which is faster
than a database that loads the same files once more.
"""

from __future__ import annotations

import hmac
import os
import sys
from collections.abc import Iterator

import dlt
import pyarrow as pa
from pyarrow import csv

LIST = pa.dictionary(pa.int32(), pa.string())
TYPES = {
    "transaction_id": pa.string(), "account_no": LIST, "booked_at": pa.timestamp("us"),
    "kind": LIST, "product": LIST, "amount": pa.decimal128(18, 6), "currency": LIST,
}  # fmt: skip
NAMES = (
    "transaction_id", "id_key", "occurred_at", "transaction_type", "product_code", "amount",
    "currency",
)  # fmt: skip


def batches(file: str, key: bytes) -> Iterator[pa.RecordBatch]:
    """The file's rows in Saydo's types, accounts hashed; an account is hashed once."""
    table = csv.read_csv(
        file,
        read_options=csv.ReadOptions(block_size=16 << 20),
        convert_options=csv.ConvertOptions(column_types=TYPES),
    )
    keys: dict[str, str] = {}
    for batch in table.to_batches():
        accounts = batch.column("account_no")
        for account in accounts.dictionary.to_pylist():
            if account not in keys:
                keys[account] = hmac.digest(key, account.encode(), "sha256").hex()
        hashed = pa.array([keys[account] for account in accounts.dictionary.to_pylist()])
        columns = batch.columns
        columns[batch.schema.get_field_index("account_no")] = pa.DictionaryArray.from_arrays(
            accounts.indices, hashed
        )
        yield pa.RecordBatch.from_arrays(columns, NAMES)


if __name__ == "__main__":
    file, out = sys.argv[1:]
    key = os.environ["SAYDO_PSEUDONYM_KEY"].encode()
    pipeline = dlt.pipeline(
        "landing",
        pipelines_dir=f"{out}/pipeline",
        destination=dlt.destinations.filesystem(f"{out}/landed"),
        dataset_name="raw",
    )
    pipeline.run(
        dlt.resource(
            batches(file, key),
            name="transactions",
            parallelized=True,
            columns={"occurred_at": {"data_type": "timestamp", "timezone": False}},
        ),
        loader_file_format="parquet",
    )
