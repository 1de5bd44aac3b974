"""Whoever reads the store finds the release by its pointer, with the tools that people have."""

from __future__ import annotations

import json
from importlib import resources

import duckdb
import fsspec
import pandas
import polars
import pyarrow.fs
import pyarrow.parquet
import pytest
from obstore.fsspec import register
from store_server import SECRET

from saydo.release import rollback
from saydo.release.store import release_ids
from saydo.serve.store import serve


@pytest.fixture
def reader(store):
    """DuckDB as a reader has it: httpfs from its wheel, and a secret of the session's."""
    folder = resources.files("duckdb_extension_httpfs") / "extensions" / f"v{duckdb.__version__}"
    connection = duckdb.connect()
    connection.execute(f"load '{folder}/httpfs.duckdb_extension'")
    connection.execute(
        "create secret (type s3, key_id 'a-key', secret '" + SECRET + "', region 'us-east-1', "
        f"endpoint '{store.endpoint.removeprefix('http://')}', use_ssl false, url_style 'path')"
    )
    yield connection
    connection.close()


def point_duckdb(reader, address: str) -> None:
    """As docs/object-stores.md says."""
    reader.execute(
        f"set variable release = (select '{address}/' || path from "
        f"read_json('{address}/current.json'))"
    )


def test_duckdb_reads_the_tables_and_the_database_of_the_release(settings, kept, reader):
    serve(settings)
    point_duckdb(reader, kept.address)
    count = "select count(*) from read_parquet(getvariable('release') || '/customer_profiles.pa"
    assert reader.execute(count + "rquet')").fetchall() == [(41,)]
    place = reader.execute("select getvariable('release')").fetchall()[0][0]
    reader.execute(f"attach '{place}/marts.duckdb' as marts (read_only)")
    assert reader.execute("select count(*) from marts.customer_months").fetchall() == [(82,)]


def test_who_has_the_pointer_of_before_reads_that_release_to_the_end(settings, kept, reader):
    older, newer = release_ids(settings)
    rollback(settings, older)
    serve(settings)
    point_duckdb(reader, kept.address)
    count = "select count(*) from read_parquet(getvariable('release') || '/customer_profiles.pa"
    rollback(settings, newer)
    serve(settings)
    assert reader.execute(count + "rquet')").fetchall() == [(40,)]
    point_duckdb(reader, kept.address)
    assert reader.execute(count + "rquet')").fetchall() == [(41,)]


def test_pyarrow_and_polars_read_the_release(settings, kept, store):
    serve(settings)
    place = kept.address.removeprefix("s3://")
    arrow = pyarrow.fs.S3FileSystem(
        endpoint_override=store.endpoint, access_key="a-key", secret_key=SECRET
    )
    with arrow.open_input_stream(f"{place}/current.json") as file:
        table = json.loads(file.read())["path"] + "/customer_profiles.parquet"
    assert pyarrow.parquet.read_table(f"{place}/{table}", filesystem=arrow).num_rows == 41
    assert polars.read_parquet(f"{kept.address}/{table}").height == 41


def test_pandas_reads_the_release_through_fsspec(settings, kept):
    """As docs/object-stores.md says."""
    serve(settings)
    register("s3")
    with fsspec.open(f"{kept.address}/current.json") as file:
        release = f"{kept.address}/{json.load(file)['path']}"
    assert len(pandas.read_parquet(f"{release}/customer_profiles.parquet")) == 41
