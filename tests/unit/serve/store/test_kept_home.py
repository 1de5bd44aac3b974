"""What a store keeps of a home is what its files say: no more, no less, and in one step."""

from __future__ import annotations

from importlib import resources

import duckdb
import pytest
from kept_homes import (
    FILES,
    NEVER,
    assert_kept,
    contents,
    fill,
    head,
    home_objects,
    keeping,
    land,
    local,
    named,
    write,
)
from store_server import SECRET, kept_in
from typer.testing import CliRunner

from saydo.cli import app
from saydo.config import load_publish
from saydo.errors import ConfigError
from saydo.release.store import current_release_id, release_ids
from saydo.serve.store import bucket, serve
from saydo.serve.store.index import HOME


def test_the_index_names_what_nothing_else_knows_of_a_home_and_each_object_is_that_file(home, kept):
    told = serve(home)["home"]
    assert_kept(home, kept)
    assert named(kept).keys() >= FILES.keys() and not named(kept).keys() & NEVER.keys()
    assert told == {
        "file_count": len(named(kept)),
        "byte_count": sum(len(content) for content in local(home).values()),
        "sent_count": len(home_objects(kept)),
        "removed_count": 0,
    }
    assert head(kept)["release_id"] == current_release_id(home)
    assert head(kept)["folders"] == ["landing", "quarantine", "raw", "restricted"]
    # Releases that are removed from the home are history, which goes on from it.
    assert {f"published/retired/{one}.json" for one in release_ids(home)} <= named(kept).keys()


def test_the_key_of_pseudonyms_is_nowhere_in_the_store(home, kept):
    serve(home)
    assert b"the-key-of-pseudonyms" not in b"".join(contents(kept).values())
    assert "the-key-of-pseudonyms" not in str(head(kept)) and head(kept)["mark"]


def test_a_process_without_the_key_leaves_what_tells_it(home, kept):
    """Airflow's API server rolls back, and has no key."""
    serve(home)
    mark = head(kept)["mark"]
    land(home, 1, 1)
    serve(home.model_copy(update={"environment": "server"}))
    assert head(kept)["mark"] == mark and mark
    assert_kept(home, kept)


def test_a_home_that_did_not_change_sends_and_writes_nothing(home, kept, store):
    serve(home)
    store.seen.clear()
    told = serve(home)["home"]
    assert told["sent_count"] == told["removed_count"] == 0
    assert {method for method, _ in store.seen} == {"GET"}


def test_a_file_that_was_rewritten_goes_under_another_name_and_what_it_was_goes(home, kept):
    """As erasure and landing again do it; a file that retention removed goes, too."""
    serve(home)
    path = land(home, 1, 2).relative_to(home.home).as_posix()
    gone = "quarantine/transactions/orders-000000000001.parquet"
    (home.home / gone).unlink()
    before = named(kept)
    assert serve(home)["home"] | {"byte_count": 0, "file_count": 0} == {
        "byte_count": 0, "file_count": 0, "sent_count": 1, "removed_count": 2,
    }  # fmt: skip
    assert named(kept)[path]["object"] != before[path]["object"]
    assert home_objects(kept).isdisjoint({before[path]["object"], before[gone]["object"]})
    assert_kept(home, kept)


def test_files_of_one_content_are_one_object_until_the_last_of_them_goes(home, kept):
    for name in ("landing/a b.csv", "landing/a#b.csv"):
        write(home, name, "the same")
    serve(home)
    one, other = named(kept)["landing/a b.csv"], named(kept)["landing/a#b.csv"]
    assert one["object"] == other["object"]
    (home.landing / "a b.csv").unlink()
    assert serve(home)["home"]["removed_count"] == 0
    assert_kept(home, kept)


def test_names_that_no_store_takes_are_kept(home, kept):
    for name in ("a?b*c[d].csv", "ends in ..csv", "日本" * 20 + ".csv", "~x", "a\nb.csv", "a=b//c"):
        write(home, f"landing/{name}", name)
    write(home, "landing/" + "/".join(["deep" * 50] * 6) + "/x.csv", "deep")
    serve(home)
    assert_kept(home, kept)


def test_a_link_that_leads_out_of_the_home_is_not_followed(home, kept, tmp_path):
    (tmp_path / "secret").write_text("of another")
    (home.landing / "out.csv").symlink_to(tmp_path / "secret")
    (home.landing / "in.csv").symlink_to(home.landing / "shop" / "orders_2.csv")
    serve(home)
    assert "landing/out.csv" not in named(kept)
    assert contents(kept)["landing/in.csv"] == b"id\n2\n"


def test_a_delivery_that_is_written_meanwhile_is_kept_as_it_was_and_by_the_next_run_as_it_is(
    home, kept, monkeypatch, caplog
):
    serve(home)
    growing = write(home, "landing/shop/orders_2.csv", "id\n2\n3\n")
    going = write(home, "landing/shop/orders_3.csv", "id\n4\n")
    original = bucket.Bucket.send

    def meanwhile(self, path, file, digest):
        original(self, path, file, digest)
        if file == growing:
            growing.write_text("id\n2\n3\n5\n")
        if file == going:
            going.unlink()

    with monkeypatch.context() as patch:
        patch.setattr(bucket.Bucket, "send", meanwhile)
        serve(home)
    assert "2 file(s) changed while they were uploaded" in caplog.text
    assert contents(kept)["landing/shop/orders_2.csv"] == b"id\n2\n"
    assert "landing/shop/orders_3.csv" not in named(kept)
    serve(home)
    assert_kept(home, kept)


def test_what_others_keep_beside_is_not_touched(home, kept):
    kept.put("home/readme.txt", b"ours")
    kept.put("home/raw/mine.parquet", b"ours")
    serve(home)
    land(home, 1, 1)
    serve(home)
    assert {"home/readme.txt", "home/raw/mine.parquet"} <= home_objects(kept)


def test_a_folder_that_is_not_to_be_kept_any_more_goes_from_the_store(home, kept):
    serve(home)
    serve(keeping(home, kept, ", keep: [releases, raw]"))
    assert contents(kept) == local(home, ("raw",))
    serve(keeping(home, kept, ""))
    assert named(kept) == {} and home_objects(kept) == set()
    assert kept.pointer()["release_id"] == current_release_id(home)


def test_releases_alone_are_kept_unless_more_is_asked_for(settings, kept, store):
    fill(settings)
    told = serve(kept_in(settings, kept.address))
    assert "home" not in told and not home_objects(kept) and "home.jsonl" not in kept.objects()
    assert not [path for _, path in store.seen if "home" in path]


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        ("[raw]", "releases are always kept"),
        ("[releases, landing]", "raw is missing"),
        ("[releases, raw, warehouse]", "'releases', 'raw', 'quarantine', 'restricted'"),
    ],
)
def test_a_part_of_a_home_that_brings_no_home_back_is_refused(tmp_path, keep, told):
    file = tmp_path / "publish.yml"
    file.write_text(f"store: {{address: 's3://bucket/marts', keep: {keep}}}")
    with pytest.raises(ConfigError, match=r"store\.keep") as found:
        load_publish(file)
    assert told in str(found.value)


def test_the_command_says_what_is_kept(home, monkeypatch):
    monkeypatch.setenv("SAYDO_PUBLISH_FILE", str(home.publish_file))
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(app, ["serve", "--home", str(home.home)])
    assert "and keeps the home: 1" in done.output and "0 removed)" in done.output, done.output


@pytest.fixture
def reader(store):
    """DuckDB as a reader has it: httpfs from its wheel, and a secret of the session's."""
    folder = resources.files("duckdb_extension_httpfs") / "extensions" / f"v{duckdb.__version__}"
    with duckdb.connect() as connection:
        connection.execute(f"load '{folder}/httpfs.duckdb_extension'")
        connection.execute(
            "create secret (type s3, key_id 'a-key', secret '" + SECRET + "', region 'us-east-1', "
            f"endpoint '{store.endpoint.removeprefix('http://')}', use_ssl false, "
            "url_style 'path')"
        )
        yield connection


def test_who_goes_by_the_index_reads_raw_in_one_state_and_who_goes_by_names_all_there_is(
    home, kept, reader
):
    serve(home)
    reader.execute(
        f"set variable files = (select list('{kept.address}/' || object) "
        f"from read_json('{kept.address}/home.jsonl', format = 'newline_delimited') "
        "where path like 'raw/transactions/batch=%')"
    )
    by_batch = "select batch, count(*) from read_parquet({}, hive_partitioning = true) group by all"
    rows = reader.execute(by_batch.format("getvariable('files')")).fetchall()
    expected = [("orders-000000000001", 3), ("orders-000000000002", 5)]
    assert sorted(rows) == expected
    pattern = f"'{kept.address}/{HOME}/raw/transactions/batch=*/month=*/*.parquet'"
    assert sorted(reader.execute(by_batch.format(pattern)).fetchall()) == expected
