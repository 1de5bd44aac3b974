"""What a file looks like: its shape, its encoding, its days; and files that are none."""

from __future__ import annotations

import gzip
import io
import json

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from drafts import ACCOUNTS, draft_of, feed_of, feeds_of

from saydo.config import load_feeds
from saydo.draft import MOST_ROWS, to_yaml
from saydo.draft.sample import read_samples
from saydo.draft.shapes import with_columns
from saydo.draft.writing import TO_DO


def parquet(rows: list[dict]) -> bytes:
    held = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), held)
    return held.getvalue()


def workbook(**sheets: list[list]) -> bytes:
    book, held = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", ACCOUNTS, {}),
        ("a.csv.gz", gzip.compress(ACCOUNTS.encode(), mtime=0), {}),
        ("a.csv", ACCOUNTS.replace(",", ";"), {"delim": ";"}),
        ("a.tsv", ACCOUNTS.replace(",", "\t"), {"delim": "\t"}),
        ("a.csv", ACCOUNTS.encode("utf-16"), {"encoding": "utf-16"}),
        ("a.csv", ("\ufeff" + ACCOUNTS).encode(), {}),
        ("a.csv", ACCOUNTS.replace("A3", "Aé").encode("cp1252"), {"encoding": "windows-1252"}),
        (
            "a.csv",
            "All accounts,,\n\n" + ACCOUNTS.replace("\n", ",x\n"),
            {"skip": 2},
        ),
    ],
)
def test_encoding_delimiter_compression_and_titles_are_told(tmp_path, name, content, options):
    feed = feed_of(tmp_path, {name: content}, "accounts")
    assert (feed.format, feed.path, feed.options) == ("csv", name, options)
    assert feed.columns == {"account_id": "id", "opened_at": "opened"}


def test_names_that_come_twice_are_given_anew(tmp_path):
    content = "id,opened,note,note\nA1,2025-01-01,a,b\nA2,2025-01-02,c,d\n"
    feed = feed_of(tmp_path, {"accounts.csv": content}, "accounts")
    assert feed.options == {"names": ["id", "opened", "note", "note 2"]}


def test_a_file_without_a_header_gets_names(tmp_path):
    (sample,) = read_samples(write(tmp_path, "A1,2025-01-01,5\nA2,2025-01-02,6\n"), "x.csv")
    found = with_columns(sample)
    assert found.options == {"header": False, "names": ["column1", "column2", "column3"]}
    assert found.row_count == 2


def write(folder, text: str):
    path = folder / "x.csv"
    path.write_text(text)
    return path


def test_only_the_first_rows_are_read(tmp_path):
    rows = "".join(f"A{number},2025-01-01\n" for number in range(MOST_ROWS + 100))
    (sample,) = read_samples(write(tmp_path, "id,opened\n" + rows), "x.csv")
    assert with_columns(sample).row_count == MOST_ROWS


def test_each_sheet_of_a_workbook_is_a_feed(tmp_path):
    book = workbook(
        Customers=[["Our customers"], [], ["customer no", "since", "city"],
                   ["C1", "2025-01-01", "X"], ["C2", "2025-01-02", "Y"]],
        Payments=[["payment id", "customer no", "paid at", "amount"],
                  ["P1", "C1", "2025-02-01", 1.5], ["P2", "C2", "2025-02-02", 2]],
    )  # fmt: skip
    feeds = {feed.source: feed for feed in feeds_of(tmp_path, {"book.xlsx": book}).feeds}
    assert feeds["accounts"].options == {"sheet": "Customers", "range": "A3:C"}
    assert feeds["transactions"].options == {"sheet": "Payments"}
    assert feeds["transactions"].columns["id_value"] == '"customer no"'


def test_a_list_of_objects_in_parquet_is_taken_apart(tmp_path):
    rows = [
        {"id": "r1", "acct": "A1", "at": "2025-02-01 10:00:00",
         "answers": [{"question": "nps", "score": 9}, {"question": "overall", "score": 4}]},
        {"id": "r2", "acct": "A2", "at": "2025-02-02 10:00:00",
         "answers": [{"question": "nps", "score": 2}]},
    ]  # fmt: skip
    files = {"accounts.csv": ACCOUNTS, "survey.parquet": parquet(rows)}
    feed = feed_of(tmp_path, files, "survey_responses")
    assert [(step.column, step.as_) for step in feed.unnest] == [("answers", "answer")]
    assert feed.columns["score"] == "answer.score"
    assert feed.columns["question_code"] == "answer.question"


def test_a_list_in_a_list_is_taken_apart_in_two_steps(tmp_path):
    page = {"total_items": 1, "items": [
        {"token": "t1", "submitted_at": "2025-02-01T10:00:00Z", "hidden": {"account_id": "A1"},
         "answers": [{"field": {"ref": "nps"}, "number": 9},
                     {"field": {"ref": "sat"}, "number": 4}]}
    ]}  # fmt: skip
    files = {"accounts.csv": ACCOUNTS, "survey.json": json.dumps(page, indent=1)}
    feed = feed_of(tmp_path, files, "survey_responses")
    assert [(step.column, step.as_) for step in feed.unnest] == [
        ("items", "item"),
        ("item.answers", "answer"),
    ]
    assert feed.columns["id_value"] == "item.hidden.account_id"


def test_files_of_one_shape_are_one_feed_and_lists_of_a_day_are_snapshots(tmp_path):
    files = {
        f"crm/accounts_2025-02-0{day}.csv": ACCOUNTS for day in (1, 2)
    } | {
        f"usage_2025020{day}.csv": f"acct,day,sessions\nA1,2025-02-0{day},1\n" for day in (1, 2)
    }  # fmt: skip
    accounts, usage = feeds_of(tmp_path, files).feeds
    assert (accounts.path, accounts.delivery) == ("crm/accounts_*.csv", "snapshot")
    assert accounts.snapshot_date == "regexp_extract(file_name, '[0-9]{4}-[0-9]{2}-[0-9]{2}')"
    assert (usage.path, usage.delivery) == ("usage_*.csv", "incremental")


def test_one_line_for_each_customer_may_fill_several_tables(tmp_path):
    content = (
        "customer no,city,since,monthly charge,satisfaction score\n"
        "C1,Leeds,2024-01-01,20.00,5\nC2,Bath,2024-01-02,30.00,3\n"
    )
    sources = [feed.source for feed in feeds_of(tmp_path, {"customers.csv": content}).feeds]
    assert sources[0] == "accounts" and set(sources[1:]) == {"subscriptions", "survey_responses"}


BAD = {
    "empty.csv": (b"", "it is empty"),
    "blank.csv": (b" \n\n", "it is empty"),
    "header.csv": (b"id,opened\n", "no row"),
    "noise.csv": (bytes(range(256)) * 40, "binary"),
    "random.bin": (bytes((n * n * 7919) % 251 + 1 for n in range(9000)), "binary"),
    "cut.csv.gz": (gzip.compress(ACCOUNTS.encode() * 99, mtime=0)[:60], "cut off or damaged"),
    "packed.csv": (gzip.compress(b"id\n"), "give it the extension .gz"),
    "cut.parquet": (b"PAR1" + b"\0" * 40, "as Parquet"),
    "text.parquet": (ACCOUNTS.encode(), "no parquet"),
    "locked.xlsx": (
        b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
        "without a password",
    ),
    "cut.xlsx": (b"PK\x03\x04" + b"\0" * 40, "no whole workbook"),
    "none.json": (b"[]", "no JSON object"),
    "all.zip": (b"PK\x03\x04zip", "zip archive"),
    "page.pdf": (b"%PDF-1.7", "PDF"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_none_is_told_and_the_others_are_drafted(tmp_path, name):
    content, why = BAD[name]
    draft = draft_of(tmp_path, {"accounts.csv": ACCOUNTS, name: content})
    ((told, finding),) = draft.findings
    assert told == name and why in finding
    assert [feed.source for feed in draft.feeds] == ["accounts"]


def test_the_same_files_give_the_same_text_in_whatever_order(tmp_path):
    files = {
        "accounts.csv": ACCOUNTS,
        "z.csv": "acct,day,mb\nA1,2025-02-01,1\n",
        "b.csv": "tid,acct,at,amount\n1,A1,2025-02-01,5\n",
    }
    first = to_yaml(draft_of(tmp_path, files))
    assert first == to_yaml(draft_of(tmp_path, dict(reversed(files.items()))))


def test_scores_inside_an_object_get_a_feed_each(tmp_path):
    rows = "".join(
        json.dumps({"id": f"r{n}", "account": f"A{n}", "submitted": "2025-02-01T10:00:00Z",
                    "ratings": {"satisfaction": n, "nps": 10 - n}}) + "\n"
        for n in (1, 2, 3)
    )  # fmt: skip
    feeds = feeds_of(tmp_path, {"accounts.csv": ACCOUNTS, "survey.jsonl": rows}).feeds
    found = {
        feed.columns["score"]: feed.columns["question_code"]
        for feed in feeds
        if feed.source == "survey_responses"
    }
    assert found == {"ratings.satisfaction": "'satisfaction'", "ratings.nps": "'nps'"}


def test_a_day_that_a_file_lacks_is_given_once(tmp_path):
    content = (
        "customer no,city,total charges,monthly charge,satisfaction score\n"
        "C1,Leeds,120.00,20.00,5\nC2,Bath,130.00,30.00,3\n"
    )
    text = to_yaml(draft_of(tmp_path, {"customers.csv": content}))
    assert text.count(f"  # {TO_DO}: no column says when") == 1
    (tmp_path / "feeds.yml").write_text(text.replace("'null'", "timestamp '2025-01-31'"))
    feeds = {feed.source: feed.columns for feed in load_feeds(tmp_path / "feeds.yml").feeds}
    assert {
        feeds["subscriptions"]["started_at"],
        feeds["transactions"]["occurred_at"],
        feeds["survey_responses"]["responded_at"],
    } == {"timestamp '2025-01-31'"}


def test_bills_with_a_decimal_comma_are_keyed_by_their_number_and_read_plainly(tmp_path):
    bills = (
        "Invoice;Customer No;Date;Total\n"
        "I1;1001;01/02/2025;20,50\nI2;1002;02/02/2025;1.030,00\nI3;1001;03/02/2025;7,25\n"
    )
    customers = "Customer No,Opened\n1001,2024-01-01\n1002,2024-01-01\n"
    files = {"bills.csv": bills, "customers.csv": customers}
    columns = feed_of(tmp_path, files, "transactions").columns
    assert columns["transaction_id"] == "Invoice"
    assert columns["amount"] == (
        "cast(replace(replace(Total, '.', ''), ',', '.') as decimal(18,6))"
    )
    text = (tmp_path / "feeds.yml").read_text()
    assert "else strptime(\"Date\", '%m/%d/%Y')" in text, "days of one week, else of months"
