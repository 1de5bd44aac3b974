import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from delivered_tables import FEEDS, hashes

from saydo.errors import ConfigError
from saydo.simulate import FAULTS, inject_faults, simulate
from saydo.simulate.faults import find_faults
from saydo.simulate.faults.tables import file_of

Table = duckdb.DuckDBPyRelation


def _read(connection: duckdb.DuckDBPyConnection, path: Path, source: str) -> Table:
    feed = next(feed for feed in FEEDS.feeds if feed.source == source)
    if feed.format == "parquet":
        return connection.read_parquet(str(path))
    if feed.format == "json":
        return connection.sql(f"from read_json('{path}', format = 'newline_delimited')")
    delimiter = feed.options.get("delim", ",")
    return connection.sql(
        f"from read_csv('{path}', all_varchar = true, delim = '{delimiter}', header = true, "
        "quote = '\"', new_line = '\\n')"
    )


def _count(table: Table, condition: str = "true") -> int:
    return table.aggregate(f"count(*) filter ({condition})").fetchone()[0]


def _total(table: Table, expression: str) -> int:
    return table.aggregate(f"sum({expression})").fetchone()[0]


def _more(condition: str, low: float, high: float) -> Callable[[Table, Table], bool]:
    """The share of rows that newly meet a condition lies in a range; no row is lost."""

    def holds(before: Table, after: Table) -> bool:
        rows = _count(before)
        change = (_count(after, condition) - _count(before, condition)) / rows
        return rows == _count(after) and low <= change <= high

    return holds


def _times(column: str, factor: int, condition: str = "true") -> Callable[[Table, Table], bool]:
    value = f"case when {condition} then cast({column} as double) else 0 end"
    return lambda before, after: _total(after, value) == factor * _total(before, value) != 0


_ROWS: dict[str, Callable[[Table, Table], bool]] = {
    "column-dropped": lambda b, a: set(b.columns) - set(a.columns) == {"pence"},
    "column-renamed": lambda b, a: set(a.columns) - set(b.columns) == {"amount_pence"},
    "column-added": lambda b, a: a.columns == [*b.columns, "sales_channel"],
    "type-flipped": lambda b, a: _count(a, "try_cast(sessions as bigint) is null") == _count(b),
    "header-repeated": lambda b, a: _count(a, "entry_no = 'entry_no'") == 1,
    "header-only": lambda b, a: _count(a) == 0 and a.columns == b.columns,
    "delivered-twice": lambda b, a: b.fetchall() == a.fetchall(),
    "renamed-copy": lambda b, a: b.fetchall() == a.fetchall(),
    "corrected": lambda b, a: (
        _count(a) == _count(b) + 1
        and _total(a, "cast(pence as int)") == _total(b, "cast(pence as int)") + 300 + 1234
    ),
    "embedded-newline": _more("address_line like '%\n%'", 0.003, 0.02),
    "decimal-comma": _more("pence like '%,00'", 1, 1),
    "spreadsheet-numbers": _more("point_value = '4.47E+11'", 0.002, 0.02),
    "duplicate-rows": lambda b, a: _count(a.distinct()) == _count(b) < _count(a),
    "conflicting-rows": lambda b, a: (
        _count(a.distinct()) == _count(a) > _count(b) == _count(a.select("entry_no").distinct())
    ),
    "null-keys": _more("entry_no is null", 0.001, 0.01),
    "null-key-flood": _more("entry_no is null", 0.19, 0.21),
    "null-flood": _more("opened is null", 0.55, 0.65),
    "sentinel-flood": _more("value = -99", 0.05, 0.4),
    "sentinel-dates": _more("year(minimum_term_end) = 9999", 0.59, 0.61),
    "orphan-facts": _more("account_no = 'AC_NOBODY_HAS'", 0.019, 0.021),
    "orphan-flood": _more("subscriber_imsi like '99915%'", 0.33, 0.35),
    "overlapping-owners": lambda b, a: (
        _count(a) - _count(b) == round(0.05 * _count(b, "point_type = 'SIM'"))
        and _count(a.aggregate("point_value, count(distinct account_no) as n"), "n > 1")
        > _count(b.aggregate("point_value, count(distinct account_no) as n"), "n > 1")
    ),
    "future-events": _more("booked like '2093-%'", 0.001, 0.004),
    "day-month-swapped": _more("booked like '__/__/2025 %'", 1, 1),
    "missing-day": lambda b, a: (
        _count(a.select("usage_day").distinct()) == _count(b.select("usage_day").distinct()) - 1
    ),
    "currency-missing": _more("ccy is null", 0.001, 0.01),
    "currency-flood": _more("ccy is null", 0.29, 0.31),
    "amounts-hundredfold": _times("pence", 100),
    "volume-kibi": _times("volume_kb", 1024),
    "sign-flipped": _times("pence", -1, "kind = 'INV'"),
    "scale-changed": _times("value", 10, "question = 'Q_OSAT'"),
    "new-category": _more("channel = 'HOLOGRAM'", 0.02, 0.2),
    "volume-halved": lambda b, a: _count(a) == round(0.4 * _count(b)),
    "volume-collapsed": lambda b, a: _count(a) == round(0.1 * _count(b)),
}
_BYTES: dict[str, Callable[[bytes, bytes], bool]] = {
    "gzip-truncated": lambda b, a: len(a) < len(b) and b.startswith(a),
    "parquet-truncated": lambda b, a: len(a) < len(b) and b.startswith(a),
    "zero-bytes": lambda b, a: a == b"" != b,
    "wrong-delimiter": lambda b, a: b";" in b and a == b.replace(b";", b","),
    "encoding": lambda b, a: "Zoë".encode("latin-1") in a and "Zoë".encode() in b,
    "byte-order-mark": lambda b, a: a == b"\xef\xbb\xbf" + b,
}


def test_every_fault_is_tested() -> None:
    assert _ROWS.keys() | _BYTES.keys() == FAULTS.keys()


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_changes_its_file_as_it_says_and_no_other(
    code: str, bulk: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(bulk, tmp_path / "landing")
    (done,) = inject_faults(folder, [code], seed=5)
    harmed, clean = folder / done["file"], bulk / done["file"]
    before, after = hashes(bulk), hashes(folder)
    changed = {name for name in after if after[name] != before.get(name)}
    if code == "delivered-twice":
        assert changed == set()
        assert harmed.stat().st_mtime_ns > clean.stat().st_mtime_ns
    elif code == "renamed-copy":
        (copy,) = changed
        assert after[copy] == after[done["file"]]
    else:
        assert changed == {done["file"]}
    if code in _BYTES:
        assert _BYTES[code](clean.read_bytes(), harmed.read_bytes())
    else:
        with duckdb.connect() as connection:
            tables = [_read(connection, path, done["source"]) for path in (clean, harmed)]
            assert _ROWS[code](*tables)


def test_faults_are_the_same_for_the_same_seed(bulk: Path, tmp_path: Path) -> None:
    folders = [shutil.copytree(bulk, tmp_path / name) for name in ("one", "two")]
    for folder in folders:
        inject_faults(folder, ["conflicting-rows", "sentinel-flood"], seed=5)
    assert hashes(folders[0]) == hashes(folders[1])


def test_a_simulation_with_a_fault_says_so_in_its_truth(tmp_path: Path) -> None:
    simulate(tmp_path / "out", 60, 1, 1, faults=["zero-bytes"])
    assert '"code": "zero-bytes"' in (tmp_path / "out" / "truth.json").read_text()
    assert file_of(tmp_path / "out", "transactions").read_bytes() == b""


def test_a_catalogue_number_stands_for_all_its_faults() -> None:
    assert [fault.code for fault in find_faults(["7"])] == ["gzip-truncated", "parquet-truncated"]


def test_an_unknown_fault_is_refused_with_the_nearest_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match="did you mean 'column-dropped'"):
        simulate(tmp_path / "out", 60, 1, 1, faults=["column-droped"])
    assert not (tmp_path / "out").exists()


def test_faults_need_a_delivery_to_harm(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="simulate into it first"):
        inject_faults(tmp_path, ["zero-bytes"])


def test_a_file_written_again_keeps_the_types_of_its_columns(bulk: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(bulk, tmp_path / "landing")
    (done,) = inject_faults(folder, ["volume-halved"])
    assert pq.read_schema(folder / done["file"]).names == pq.read_schema(bulk / done["file"]).names
    with duckdb.connect() as connection:
        types = [connection.read_parquet(str(base / done["file"])).types for base in (bulk, folder)]
    assert types[0] == types[1]
