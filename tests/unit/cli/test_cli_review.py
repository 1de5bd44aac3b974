"""saydo identity review: what it lists, what it keeps, what it refuses."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from saydo.cli.app import app, out
from saydo.identity.linkage import read_decisions
from saydo.identity.linkage.links import levels_file
from saydo.settings import Settings

ANN, BEN, CAT = ("a1" * 32, "b2" * 32, "c3" * 32)


@pytest.fixture
def home(tmp_path):
    """A warehouse with one pair of each verdict that may wait, and one that is linked."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema intermediate")
        warehouse.execute(
            "create table intermediate.int_links_judged (account_key varchar, "
            "other_account_key varchar, match_probability decimal(18, 6), verdict varchar)"
        )
        warehouse.executemany(
            "insert into intermediate.int_links_judged values (?, ?, ?, ?)",
            [
                (ANN, BEN, "0.7", "unsure"),
                (ANN, CAT, "0.99", "doubtful"),
                (BEN, CAT, "0.95", "linked"),
            ],
        )
    levels = {"account_key": ANN, "other_account_key": CAT, "gamma_given_name": 0,
              "gamma_family_name": 5, "gamma_birth_date": 5, "gamma_address": -1}  # fmt: skip
    file = levels_file(Settings(home=tmp_path))
    file.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([levels]), file)
    return tmp_path


@pytest.fixture
def review(home, monkeypatch):
    monkeypatch.setattr(out, "width", 200)  # what it prints is not cut to a terminal
    (home / "policy.yml").write_text("linkage: {is_on: true}\n")
    monkeypatch.setenv("SAYDO_POLICY_FILE", str(home / "policy.yml"))
    words = ["identity", "review", "--home", str(home)]
    return lambda *more: CliRunner().invoke(app, [*words, *more])


def test_the_likeliest_waits_first_with_why_and_how_alike_it_is(review):
    lines = review().output.splitlines()
    assert [line[:25] for line in lines[1:]] == [
        f"{ANN[:12]} {CAT[:12]}",
        f"{ANN[:12]} {BEN[:12]}",
    ]
    assert "given name: unlike; family name: same; birth date: same; address: missing" in lines[1]
    assert "two persons of one household" in lines[1]
    assert "not sure enough" in lines[2]


def test_a_decision_is_kept_with_its_reason_and_no_longer_waits(review, home):
    done = review("--accept", CAT[:6], ANN[:6], "--reason", "same passport")
    assert done.exit_code == 0
    assert "accepted" in done.output
    (kept,) = read_decisions(Settings(home=home))
    assert (kept.account_key, kept.other_account_key) == (ANN, CAT)
    assert (kept.decision, kept.reason) == ("accepted", "same passport")
    assert CAT[:12] not in review().output
    review("--reject", ANN[:6], BEN[:6], "--reason", "brothers")
    assert "No pair waits" in review().output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--accept", "a1", "ff", "--reason", "x"), "no proposed pair is of 'a1' and 'ff'"),
        (("--accept", "a1", "", "--reason", "x"), "2 proposed pairs are of"),
        (("--accept", "a1", "c3"), "needs its reason"),
        (("--reason", "x"), "goes with --accept or --reject"),
        (("--accept", "a1", "c3", "--reject", "a1", "b2", "--reason", "x"), "one pair at a time"),
    ],
)
def test_a_wrong_use_is_refused_and_nothing_is_kept(review, home, words, told):
    done = review(*words)
    assert done.exit_code == 2
    assert told in done.output
    assert read_decisions(Settings(home=home)) == []


def test_before_the_first_build_it_says_what_makes_one(tmp_path):
    done = CliRunner().invoke(app, ["identity", "review", "--home", str(tmp_path)])
    assert done.exit_code == 1
    assert "`saydo run` makes it" in done.output
