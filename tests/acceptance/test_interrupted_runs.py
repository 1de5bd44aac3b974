"""What stops a run leaves the last release serving, and the next run comes to the same content."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from whole_business import run_all

from saydo.errors import DeliveryRefused, ReleaseRefused
from saydo.landing import land_all, withdraw_batch
from saydo.release import current_release_id, read_manifest
from saydo.settings import Settings
from saydo.simulate import inject_faults, simulate

KILLED_RUN = Path(__file__).with_name("killed_run.py")
LATER = "*2025-12*"

# Where each process dies, and which steps it would have done. What is done is not done again.
KILLS = [
    ("saydo.landing.ledger:replace_text", 2, 0, ["land"]),
    ("saydo.gate.sources:change_entry", 2, 0, ["land"]),
    ("saydo.build.layers:invoke", 2, 0.3, ["land", "build"]),
    ("saydo.build.layers:invoke", 4, 1.0, ["build"]),
    ("saydo.gate.marts:store", 1, 0, ["build", "gate"]),
    ("saydo.release.publishing:write_parquet", 1, 0, ["gate", "publish"]),
    ("saydo.release.publishing:point_current", 1, 0, ["publish"]),
]


def settings_at(home: Path) -> Settings:
    return Settings(home=home, memory_limit="2GB")


def serving(settings: Settings) -> tuple[str, int]:
    """The release that readers see, and what they count in it."""
    release = current_release_id(settings)
    file = settings.published / "current" / "marts.duckdb"
    with duckdb.connect(str(file), read_only=True) as marts:
        return release, marts.execute("select count(*) from customer_profiles").fetchone()[0]


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A home with a first release; beside it, in `later`, the files that come next."""
    folder = tmp_path_factory.mktemp("interrupted")
    settings = settings_at(folder / "home")
    simulate(settings.landing, customers=200, months=2, seed=3)
    for file in sorted(settings.landing.rglob(LATER)):
        kept = folder / "later" / file.relative_to(settings.landing)
        kept.parent.mkdir(parents=True, exist_ok=True)
        file.rename(kept)
    run_all(settings)
    return folder


@pytest.fixture
def first(published, tmp_path) -> Settings:
    """A copy of that home, before the next delivery."""
    shutil.copytree(published / "home", tmp_path / "home", symlinks=True)
    return settings_at(tmp_path / "home")


@pytest.fixture
def delivered(published, first) -> Settings:
    """A copy of that home, with the next delivery waiting."""
    shutil.copytree(published / "later", first.landing, dirs_exist_ok=True)
    return first


@dataclass
class CleanRun:
    """The second release when nothing goes wrong, made while a reader had the first one open."""

    settings: Settings
    release: dict
    seen_before: tuple
    seen_after: tuple


@pytest.fixture(scope="module")
def clean(published, tmp_path_factory) -> CleanRun:
    home = tmp_path_factory.mktemp("clean") / "home"
    shutil.copytree(published / "home", home, symlinks=True)
    shutil.copytree(published / "later", home / "landing", dirs_exist_ok=True)
    settings = settings_at(home)
    count = "select count(*), sum(revenue) from customer_months"
    file = settings.published / "current" / "marts.duckdb"
    with duckdb.connect(str(file), read_only=True) as reader:
        before = reader.execute(count).fetchone()
        release = run_all(settings)
        after = reader.execute(count).fetchone()
    return CleanRun(settings, release, before, after)


@dataclass
class Corrected:
    """The first release, then one after a file was delivered again under its name."""

    settings: Settings
    batch: str
    revenue_before: Decimal
    hashes_before: dict[str, str]


@pytest.fixture(scope="module")
def corrected(published, tmp_path_factory) -> Corrected:
    home = tmp_path_factory.mktemp("corrected") / "home"
    shutil.copytree(published / "home", home, symlinks=True)
    settings = settings_at(home)
    before = lifetime_revenue(settings), customer_hashes(settings)
    ledger = settings.landing / "billing" / "ledger_2025-11.csv"
    ledger.write_text(raised_by_a_penny(ledger.read_text()))
    [batch] = run_all(settings)["landed"]
    return Corrected(settings, batch, *before)


def run_until_killed(
    settings: Settings, place: str, call: int, delay: float, steps: list[str]
) -> None:
    done = subprocess.run(
        [
            sys.executable,
            str(KILLED_RUN),
            str(settings.home),
            str(settings.feeds_file),
            place,
            str(call),
            str(delay),
            *steps,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, f"not killed at {place}:\n{done.stderr[-3000:]}"


def test_killed_at_any_step_the_old_release_serves_and_a_retry_converges(delivered, clean):
    before = serving(delivered)
    for place, call, delay, steps in KILLS:
        run_until_killed(delivered, place, call, delay, steps)
        assert serving(delivered) == before, place
    release = run_all(delivered)
    assert release["content_hash"] == clean.release["content_hash"]
    assert serving(delivered)[0] == release["release_id"] != before[0]
    leftovers = [f for f in delivered.home.rglob(".tmp-*") if "airflow" not in f.parts]
    assert leftovers == []


def test_a_reader_keeps_the_release_it_has_open_while_the_next_one_is_published(clean):
    assert clean.seen_after == clean.seen_before
    file = clean.settings.published / "current" / "marts.duckdb"
    with duckdb.connect(str(file), read_only=True) as marts:
        [seen] = marts.execute("select count(*), sum(revenue) from customer_months").fetchall()
    assert seen != clean.seen_before
    assert clean.release["landed"] and clean.release["is_new"]


def test_an_empty_file_is_refused_by_name_and_the_last_release_serves(delivered):
    before = serving(delivered)
    empty = delivered.landing / "billing" / "ledger_2026-01.csv"
    empty.touch()
    with pytest.raises(DeliveryRefused, match=r"ledger_2026-01\.csv"):
        run_all(delivered)
    assert serving(delivered) == before


def test_a_refused_file_removed_and_all_others_delivered_twice_give_the_clean_release(
    delivered, clean
):
    broken = delivered.landing / "crm" / "accounts_again.csv"
    broken.write_text("account_no\n1\n")
    with pytest.raises(DeliveryRefused, match=r"accounts_again\.csv"):
        land_all(delivered)
    broken.unlink()
    for file in [f for f in delivered.landing.rglob("*") if f.is_file()]:
        name, dot, extension = file.name.partition(".")
        if file.name != "truth.json":
            shutil.copyfile(file, file.with_name(f"{name}_once_more{dot}{extension}"))
    assert run_all(delivered)["content_hash"] == clean.release["content_hash"]


def test_a_corrected_file_of_the_same_name_wins_row_by_row(corrected):
    revenue, before = lifetime_revenue(corrected.settings), corrected.revenue_before
    assert revenue - before == Decimal("0.01")


def test_a_card_of_two_persons_at_once_refuses_by_its_kind_and_number_of_cases(first):
    before = serving(first)
    inject_faults(first.landing, ["overlapping-owners"])
    with pytest.raises(ReleaseRefused) as refused:
        run_all(first)
    message = str(refused.value)
    assert "an_exclusive_identifier_is_not_disputed" in message
    assert re.search(r"found: id_type=imsi, disputed_identifier_count=\d+, customer", message)
    assert not re.search(r"23415\d|[0-9a-f]{64}", message), "never a value"
    assert serving(first) == before


def test_after_a_batch_is_withdrawn_the_release_is_what_it_was_without_it(corrected):
    """The incremental way in, and out again: the same as if it had never come."""
    settings, before = corrected.settings, corrected.hashes_before
    assert customer_hashes(settings) != before
    withdraw_batch(settings, corrected.batch)
    assert run_all(settings)["landed"] == []
    assert customer_hashes(settings) == before


def customer_hashes(settings: Settings) -> dict[str, str]:
    """The content of each published table of customers."""
    manifest = read_manifest(settings, current_release_id(settings))
    return {
        name: table["content_hash"]
        for name, table in manifest["tables"].items()
        if name.startswith("customer_")
    }


def lifetime_revenue(settings: Settings) -> Decimal:
    file = settings.published / "current" / "marts.duckdb"
    with duckdb.connect(str(file), read_only=True) as marts:
        return marts.execute("select sum(lifetime_revenue) from customer_profiles").fetchone()[0]


def raised_by_a_penny(ledger: str) -> str:
    """The same ledger, with its first charge a penny higher."""
    head, first, *rest = ledger.splitlines()
    entry, account, booked, kind, item, pence, currency = first.split(";")
    assert kind == '"INV"'
    raised = ";".join([entry, account, booked, kind, item, str(int(pence) + 1), currency])
    return "\n".join([head, raised, *rest]) + "\n"
