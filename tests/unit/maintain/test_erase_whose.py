"""Whose an identifier was: erasing reads what counts, and decides it as identity does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_home import account

from saydo.contract import SOURCES
from saydo.errors import SaydoError
from saydo.maintain import compact, erase, erasure, scope
from saydo.maintain.rewriting import _is_erased


def left(home) -> list[int]:
    """The accounts that raw still knows, by number."""
    numbers = {account(number): number for number in (1, 2, 3)}
    return sorted(numbers[key] for key in set(home.left("accounts", "account_key")))


def hold(home, number: int, value: str, start: str | None, end: str | None, **batch) -> str:
    """Deliver that an account holds a number; returns its key."""
    key = home.key("msisdn", value)
    home.land("account_identifiers", [home.span(number, "msisdn", key, start, end)], **batch)
    return key


def use(home, key: str, *days: str) -> None:
    rows = [{"id_type": "msisdn", "id_key": key, "usage_date": day} for day in days]
    home.land("network_usage_daily", rows, "2024-05")


def test_a_batch_that_the_gate_has_not_accepted_does_not_say_whose_a_number_is(home):
    """Person 2 has the number since 2024; a file that waits would give it to person 3."""
    number = hold(home, 3, "447700900001", "2025-01-01", None, status="landed")
    home.ask("r1", "msisdn", number, day="2025-03-01")
    assert erase(home.settings)["account_count"] == 1
    assert left(home) == [1, 3]


def test_a_snapshot_that_was_replaced_does_not_say_whose_a_number_is(home):
    hold(home, 3, "447700900009", "2025-01-01", None, delivery="snapshot", feed="numbers")
    number = hold(home, 2, "447700900009", "2024-01-01", None, delivery="snapshot", feed="numbers")
    home.ask("r1", "msisdn", number, day="2025-03-01")
    assert erase(home.settings)["account_count"] == 1
    assert left(home) == [1, 3]


@pytest.mark.parametrize(
    ("asking", "kept"), [(1, ["2024-05-10", "2024-05-11"]), (2, ["2024-05-09"])]
)
def test_the_day_of_a_hand_over_goes_with_its_last_holder(home, asking, kept):
    number = hold(home, 1, "447700900009", "2024-01-01", "2024-05-10 08:00")
    hold(home, 2, "447700900009", "2024-05-10 08:00", None)
    use(home, number, "2024-05-09", "2024-05-10", "2024-05-11")
    home.ask("r1", "account_id", account(asking))
    erase(home.settings)
    assert [f"{day}" for day in home.left("network_usage_daily", "usage_date")] == kept


def test_of_two_who_hold_a_number_still_neither_is_meant_more_than_the_other(home):
    number = hold(home, 1, "447700900009", "2020-01-01", None)
    hold(home, 3, "447700900009", "2022-01-01", None)
    home.ask("r1", "msisdn", number, day="2025-03-01")
    assert erase(home.settings)["ambiguous"] == ["r1"]
    assert left(home) == [1, 2, 3]


def test_who_asks_at_the_instant_of_the_hand_over_is_the_new_holder(home):
    number = hold(home, 1, "447700900009", "2024-01-01", "2024-05-10")
    hold(home, 2, "447700900009", "2024-05-10", None)
    home.ask("r1", "msisdn", number, day="2024-05-10")
    assert erase(home.settings)["ambiguous"] == []
    assert left(home) == [1, 3]


def test_a_number_held_since_the_account_opened_was_anothers_before_and_stays_so(home):
    """Also when erasing goes on after the account, which tells when it opened, is gone already."""
    number = hold(home, 1, "447700900009", "2018-01-01", "2019-01-01")
    hold(home, 2, "447700900009", None, None)
    calls = [home.charge("t7", "msisdn", number, "2018-05-01")]
    calls += [home.charge("t8", "msisdn", number, "2021-05-01")]
    home.land("transactions", calls, "2018-05")
    home.ask("r1", "msisdn", number)
    erase(home.settings)
    assert left(home) == [1, 3]
    again = [home.charge("t9", "msisdn", number, "2021-06-01")]
    home.land("transactions", again, "2021-06")
    assert erase(home.settings)["raw_row_counts"] == {"transactions": 1}
    assert "t7" in home.left("transactions", "transaction_id")


def test_an_accounts_own_id_is_not_anothers_who_was_given_it(home):
    """Person 2 is said to have the id of account 3: what is told of account 3 stays."""
    home.land("account_identifiers", [home.span(2, "account_id", account(3), None, None)])
    home.ask("r1", "account_id", account(2))
    erase(home.settings)
    assert left(home) == [1, 3]
    assert "t5" in home.left("transactions", "transaction_id")


def test_what_it_takes_to_find_them_is_private_and_gone_at_the_end(home, monkeypatch):
    home.ask("r1", "account_id", account(1))
    state = {f: f.stat().st_mtime_ns for f in home.settings.state.glob("*") if f.is_file()}
    made, modes = scope._read_models, []

    def look(settings, connection):
        made(settings, connection)
        modes.append([p.name for p in home.settings.home.glob("tmp/scratch")])

    def stop(*_):
        (folder,) = home.settings.home.glob("tmp/scratch")
        modes.append(folder.stat().st_mode & 0o777)
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("saydo.build.scratch.invoke", stop)
        with pytest.raises(RuntimeError):
            erase(home.settings)
    monkeypatch.setattr(scope, "_read_models", look)
    erase(home.settings)
    assert modes == [0o700, []]
    assert (
        state.items()
        <= {f: f.stat().st_mtime_ns for f in home.settings.state.glob("*") if f.is_file()}.items()
    )


def test_a_model_that_cannot_be_made_is_told_and_nobody_is_erased(home, monkeypatch):
    home.ask("r1", "account_id", account(1))
    monkeypatch.setattr("saydo.build.scratch.invoke", lambda *_: [])
    with pytest.raises(SaydoError, match="dbt knows no such model"):
        erase(home.settings)
    assert left(home) == [1, 2, 3]


@pytest.mark.parametrize("clear", [compact, erasure.erase])
def test_what_a_killed_erasure_left_is_removed(home, clear):
    leftover = home.settings.home / "tmp" / "scratch"
    (leftover / "state").mkdir(parents=True)
    (leftover / "raw").symlink_to(home.settings.raw)
    clear(home.settings)
    assert not leftover.exists()
    assert len(home.left("accounts", "account_key")) == 3


def test_rows_of_no_source_that_names_a_person_are_passed_over():
    for source in SOURCES.values():
        names = {column.hashed_as or column.name for column in source.columns}
        says_whose = bool(names & {"account_key", "id_key"}) and source.name != "erasure_requests"
        assert (_is_erased(source) is not None) == says_whose
    timeless = replace(SOURCES["transactions"], event_time=None)
    with pytest.raises(ValueError, match="not enough values"):
        _is_erased(timeless)
