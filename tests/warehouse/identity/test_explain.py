"""`saydo identity`: why accounts are one person, told without a value or a whole key."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import sys

import duckdb
import pytest
from ownership_worlds import MANY_HANDS_NUMBER
from test_release_scenarios import worlds
from typer.testing import CliRunner
from world import LANDING, World

from saydo.cli.app import app, out
from saydo.errors import ConfigError, SaydoError
from saydo.identity import explain, unidentifying
from saydo.landing import hash_identifier
from saydo.settings import Settings

EMAIL = "Ana.Lima@Post.example"


def settings_of(resolved) -> Settings:
    return Settings(home=resolved.home.root, pseudonym_key=LANDING.pseudonym_key)


@pytest.fixture
def explained(resolved):
    """The explanation of the customer of an account of a scenario."""

    def run(scenario: str, account: str):
        owners, (found,) = explain(
            settings_of(resolved), resolved.customer[f"{scenario}/{account}"]
        )
        assert owners == ()
        return found

    return run


@pytest.fixture
def told(resolved, monkeypatch):
    """What the command prints."""
    monkeypatch.setattr(out, "width", 200)  # what it prints is not cut to a terminal
    monkeypatch.setenv("SAYDO_PSEUDONYM_KEY", LANDING.pseudonym_key.get_secret_value())

    def run(*words: str, home=None, answer: str | None = None) -> str:
        place = str(home or resolved.home.root)
        done = CliRunner().invoke(app, ["identity", *words, "--home", place], input=answer)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_a_chain_is_told_link_by_link(explained):
    chain = explained("chain", "d")
    assert [account.number for account in chain.accounts] == [1, 2, 3, 4]
    assert [(link.number, link.with_number, link.key) for link in chain.links] == [
        (2, 1, "chain/ab"), (3, 2, "chain/bc"), (4, 3, "chain/cd"),
    ]  # fmt: skip
    assert chain.more_link_count == 0 and chain.unlinked == ()


def test_links_beyond_the_tree_are_counted(explained):
    diamond = explained("diamond", "a")
    assert (len(diamond.links), diamond.more_link_count) == (3, 1)


def test_what_corroborates_a_shared_identifier_is_named(explained):
    (link,) = explained("two_accounts_one_person", "a").links
    assert link.needs_corroboration
    assert link.agreeing == ("given name", "birth date", "birth year") and link.differing == ()
    (link,) = explained("twins_one_name_missing", "a").links
    assert link.agreeing == ("birth date", "birth year")


def test_a_veto_is_told_with_what_differs_and_whose_the_other_is(explained, resolved):
    mine = explained("twins", "a")
    assert mine.links == ()
    (veto,) = mine.unlinked
    assert (veto.verdict, veto.differing) == ("contradicted", ("given name",))
    assert veto.agreeing == ("birth date", "birth year")
    assert veto.other_customer_id == resolved.customer["twins/b"]
    (holding,) = mine.holdings
    assert holding.note == "shared with 1 other customer: it owns no facts"


def test_a_recycled_number_tells_whose_it_was_and_until_when_it_links_nobody(explained, resolved):
    (holding,) = explained("recycled_with_gap", "b").holdings
    before = resolved.customer["recycled_with_gap/a"]
    assert holding.note == f"was {before}'s before; links nobody until 2024-07-01"


def test_a_placeholder_is_told_and_links_nobody(explained):
    mine = explained("placeholder_card", "a00")
    (holding,) = mine.holdings
    assert holding.note.startswith("placeholder: 24 or more persons gave it")
    assert mine.unlinked == ()


def test_a_shared_phone_is_told_as_shared_by_too_many(explained):
    (holding,) = explained("shop_phone", "a0").holdings
    assert holding.note == "shared by too many (7 at one time): it links nobody, owns no facts"


def test_a_dispute_is_told(explained):
    mine = explained("exclusive_contradicted", "a")
    assert mine.is_disputed
    assert mine.holdings[0].note.startswith("disputed with 1 other customer: only one may hold it")


def test_a_refused_giant_says_why_it_stands_alone(told, resolved):
    text = told("explain", resolved.customer["giant/a00"])
    assert "connected to 59 other accounts, more than one person may have" in text
    assert "it would link them, but their group is too large for one person" in text


def test_an_identifier_in_clear_is_normalised_and_neither_value_nor_hash_is_told(
    told, resolved, caplog
):
    caplog.set_level(logging.DEBUG)
    key = hash_identifier(LANDING, "email", EMAIL)
    text = told("explain", f"email=  {EMAIL.upper()} ")
    assert f"Customer {resolved.customer['written_differently/email0']}: 3 accounts" in text
    assert key[:10] in text
    for secret in (EMAIL, "lima", key):
        assert secret.lower() not in text.lower() + caplog.text.lower()
    assert not re.search(r"[0-9a-f]{20}", text)


def test_a_value_can_be_given_without_a_trace_in_the_shell(told, resolved):
    text = told("explain", "email=-", answer=f"{EMAIL}\n")
    assert resolved.customer["written_differently/email0"] in text and "Lima" not in text


def test_of_an_identifier_of_many_each_holder_is_told_and_none_explained(resolved, told):
    text = told("explain", f"msisdn={MANY_HANDS_NUMBER}")
    for month, name in enumerate("abcd", start=1):
        customer = resolved.customer[f"many_hands/{name}"]
        assert f"2024-{month:02}-01  2024-{month:02}-20  {customer}" in text
    assert "Too many to explain at once" in text and "Accounts" not in text


def test_an_identifier_that_nobody_held_is_told_without_its_value(resolved):
    with pytest.raises(ConfigError, match="no account ever held this loyalty_id") as error:
        explain(settings_of(resolved), "loyalty_id=secret")
    assert "secret" not in str(error.value)


def test_an_unknown_customer_or_type_or_home_is_one_clear_error(resolved, tmp_path):
    settings = settings_of(resolved)
    with pytest.raises(ConfigError, match=r"there is no customer 'c_x'"):
        explain(settings, "c_x")
    with pytest.raises(ConfigError, match="unknown id_type 'fax'"):
        explain(settings, "fax=x")
    with pytest.raises(ConfigError, match="nothing is built"):
        explain(Settings(home=tmp_path), "c_x")


def test_a_warehouse_without_identity_and_one_being_built_are_told(tmp_path):
    settings = Settings(home=tmp_path)
    duckdb.connect(str(settings.warehouse)).close()
    with pytest.raises(ConfigError, match="is not built as far as identity"):
        explain(settings, "c_x")
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"
    command = [sys.executable, "-c", hold, str(settings.warehouse)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as builder:
        assert builder.stdout.readline() == "held\n"
        with pytest.raises(SaydoError, match="is being built; ask again"):
            explain(settings, "c_x")
        builder.communicate("done\n")


def test_a_build_that_stopped_in_identity_is_told(told, resolved):
    report = resolved.home.root / "state" / "build" / "identity.json"
    report.parent.mkdir()
    report.write_text('{"is_done": false}')
    try:
        assert "The last build stopped in identity" in told("explain", resolved.customer["ties/a"])
    finally:
        shutil.rmtree(report.parent)


def test_placeholders_and_values_of_too_many_are_listed_apart(resolved, told):
    found = unidentifying(settings_of(resolved))
    by_key = {value.key: value for value in found}
    assert by_key["placeholde…"].is_placeholder and found[0].is_placeholder
    assert not by_key["shop_phone…"].is_placeholder and by_key["shop_phone…"].person_count == 7
    assert "shared by too many" in told("placeholders")


@pytest.fixture(scope="module")
def released(resolve):
    """Four releases; the home is that of the last."""
    return resolve("explained_releases", *worlds())


def test_an_id_that_was_merged_away_leads_to_the_one_that_survived(released):
    first, last = released[0], released[-1]
    merged = first.customer["late_ownership/c"]
    _, (found,) = explain(settings_of(last), merged)
    assert found.followed == (merged,)
    assert found.customer_id == last.customer["late_ownership/a"]
    assert [change.change_type for change in found.changes] == ["created", "created", "merged"]
    assert found.changes[-1].reason == "loyalty_id:linked"
    assert found.changes[-1].release_id == "r2"


def test_the_history_of_an_id_tells_a_correction(told, released):
    text = told("explain", released[-1].customer["corrected/c"], home=released[-1].home.root)
    old, new = (released[n].customer["corrected/c"] for n in (1, 2))
    assert f"{new} split from {old}: nothing links its accounts any more; since" in text


def test_a_customer_whose_account_is_not_delivered_any_more_is_told_so(resolve):
    first, second = World(), World()
    for world in (first, second):
        world.account("gone", "a")
    first.account("gone", "b")
    before, after = resolve("gone", first, second)
    with pytest.raises(ConfigError, match="an account in the registry that no feed delivers"):
        explain(settings_of(after), before.customer["gone/b"])
