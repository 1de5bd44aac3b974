"""Queries that somebody could be talked into sending, and what becomes of each."""

from __future__ import annotations

from pathlib import Path


def refused(folder: Path) -> dict[str, str]:
    """Query to a word of why it is refused; those that write would write below `folder`."""
    kind = {
        f"copy customer_months to '{folder}/out.csv'": "copy",
        f"export database '{folder}/out'": "export",
        f"attach '{folder}/other.duckdb' as other": "attach",
        "insert into customer_months select * from customer_months": "insert",
        "update customer_months set is_active = false": "update",
        "delete from customer_months": "delete",
        "drop table customer_months": "drop",
        "create table mine as select 1": "create",
        "create temp table mine as select 1": "create",
        "alter table customer_months add column mine integer": "alter",
        "comment on table customer_months is 'mine'": "alter",
        "pragma enable_object_cache": "pragma",
        "set enable_external_access = true": "set",
        "set threads = 64": "set",
        "reset memory_limit": "set",
        "use memory": "set",
        "install httpfs": "load",
        "load httpfs": "load",
        "call enable_logging()": "call",
        "checkpoint": "call",
        "vacuum": "vacuum",
        "begin": "transaction",
        "prepare mine as select 1": "prepare",
        "create secret mine (type s3)": "create",
        "detach marts": "detach",
        "explain analyze select 1": "explain",
    }
    outside = {
        "select * from read_text('/etc/passwd')": "nothing else",
        "select * from read_blob('/etc/passwd')": "nothing else",
        "select * from read_csv('/etc/passwd')": "nothing else",
        "select * from read_json('/etc/passwd')": "nothing else",
        "select * from read_parquet('/etc/*')": "nothing else",
        "select * from '/etc/passwd.csv'": "nothing else",
        "select * from glob('/etc/*')": "nothing else",
        "select * from sniff_csv('/etc/passwd')": "nothing else",
        "select * from parquet_metadata('/etc/passwd')": "nothing else",
        "select * from read_csv('http://127.0.0.1:9/x.csv')": "nothing else",
        "select * from read_parquet('s3://bucket/x.parquet')": "nothing else",
        "select * from duckdb_secrets()": "nothing else",
        f"import database '{folder}'": "nothing else",
        "select 1; select 2": "one statement",
        "select 1; drop table customer_months": "one statement",
        "-- nothing": "one statement",
        "": "one statement",
    }
    return kind | outside


# What the engine does not know, or what is no SQL: wrong rather than refused.
WRONG = (
    "select getenv('HOME')",
    "select * from '/etc/passwd'",
    "select * from sqlite_scan('/x', 'y')",
    "select * from postgres_scan('host=127.0.0.1', 'public', 'x')",
    "with gone as (delete from customer_months returning *) select * from gone",
    "selec 1",
    "select * from customer_month",
)

# Without an end, or with one that nobody waits for; some do not stop when the engine asks them to.
ENDLESS = (
    "select count(*) from range(10000000) a, range(10000000) b, range(1000) c",
    "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r",
    "select levenshtein(repeat('a', 400000), repeat('b', 400000))",
)
GREEDY = (
    "select list_sum(list_transform(range(2000000000), lambda n: n * n))",
    "select list(n) from range(2000000000) numbers(n)",
)
