"""How alike the holders of accounts with an identifier in common are, told without a value."""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq
import pytest
from made_up_people import ANN, BEN, few

from saydo.identity.linkage import compared_file, links_file, propose_links
from saydo.identity.linkage.comparisons import COMPARISONS, MISSING
from saydo.identity.linkage.links import levels_file
from saydo.identity.linkage.nicknames import formal_names

ROB = ANN | {"given_name": "Robert"}


@pytest.mark.parametrize(
    ("person", "other", "likeness"),
    [
        (ANN, {}, ("same", "same")),
        (ROB, {"given_name": "Roberrt"}, ("alike", "same")),
        (ROB, {"given_name": "Bob"}, ("alike", "same")),
        (ROB, {"given_name": "R."}, ("alike", "same")),
        (ROB, {"given_name": "Poe", "family_name": "Robert"}, ("alike", "same")),
        (ROB, {"given_name": "Zoltan"}, ("unlike", "same")),
        (ROB, {"given_name": None}, (None, "same")),
        (ANN, {"birth_date": date(1980, 5, 11)}, ("same", "alike")),
        (ANN, {"birth_date": date(1980, 1, 5)}, ("same", "alike")),  # day and month
        (ANN, {"birth_date": date(2009, 11, 23)}, ("same", "unlike")),
        (ANN, {"birth_date": None}, ("same", None)),
    ],
)
def test_of_accounts_with_an_identifier_in_common_it_is_told_how_alike_they_are(
    tmp_path, person, other, likeness
):
    home = {"email": "home@"}
    settings = few(
        tmp_path, ("a", "crm-1", 1, person | home), ("b", "crm-1", 1, person | other | home),
        ("c", "crm-1", 1, BEN | {"street": "3 Far Row", "postcode": "Z", "family_name": "Other"}),
    )  # fmt: skip
    assert propose_links(settings)
    assert pq.read_table(compared_file(settings)).to_pylist() == [
        {"account_key": "a", "other_account_key": "b",
         "given_name_likeness": likeness[0], "birth_date_likeness": likeness[1],
         "email_likeness": None, "phone_likeness": None}
    ]  # fmt: skip


def test_short_forms_are_related_by_a_formal_name_and_not_by_one_another():
    formal = dict(formal_names())
    assert set(formal["bill"]) & set(formal["will"]) & set(formal["william"])
    assert {"patrick", "patricia"} <= set(formal["pat"])
    assert not set(formal["patrick"]) & set(formal["patricia"])
    assert all(form == form.strip().lower() and form.isalpha() for form in formal)


@pytest.mark.parametrize(
    ("ours", "theirs", "likeness"),
    [
        (["sunny.day77@a.org"], ["suny.day77@a.org"], "user part alike"),
        (["sunny.day77@a.org"], ["snuny.dya77@a.org"], "user part alike"),  # two errors, long
        (["sunny7@a.org"], ["snnuy7@a.org"], "unlike"),  # two errors in a short one
        (["sunny.day77@a.org"], ["sunny.day78@a.org"], "unlike"),
        (["sunny.day77@a.org"], ["suny.day77@b.org"], "unlike"),
        (["x9@a.org", "sunny.day77@a.org"], ["q@c.org", "sunny.day77@b.org"],
         "same user part elsewhere"),
        (["sunny.day77@a.org"], ["sunny.day77@a.org"], "same"),
        (["sunny.day77@a.org"], [], "missing"),
        (["ann.poe@a.org"], ["ann.poe@b.org"], "missing"),  # made of the name alone
        (["447700900123"], ["447700900132"], "one digit off"),
        (["447700900123"], ["447700900124"], "one digit off"),
        (["447700900123"], ["447700901132"], "two digits off"),
        (["447700900123", "5550199"], ["447711911123", "5550199"], "same"),
        (["447700900123"], ["44770090012"], "unlike"),
        (["447700900123"], ["447712345678"], "unlike"),
    ],
)  # fmt: skip
def test_e_mails_and_numbers_are_alike_by_their_typing_errors(tmp_path, ours, theirs, likeness):
    kind = "emails" if "@" in ours[0] else "numbers"
    settings = few(
        tmp_path, ("a", "crm-1", 1, ANN | {kind: ours}), ("b", "crm-1", 1, ANN | {kind: theirs})
    )
    propose_links(settings)
    (proposal,) = pq.read_table(levels_file(settings)).to_pylist()
    name = {"emails": "email", "numbers": "phone"}[kind]
    (comparison,) = [known for known in COMPARISONS if known.name == name]
    assert comparison.level_name(proposal[f"gamma_{name}"]) == likeness
    (compared,) = pq.read_table(compared_file(settings)).to_pylist()
    told = {"missing": None, "same": "same", "unlike": "unlike"}.get(likeness, "alike")
    assert compared[f"{name}_likeness"] == told


def weight(folder, ours: dict, theirs: dict, **other) -> float:
    folder.mkdir()
    settings = few(folder, ("a", "crm-1", 1, ANN | ours), ("b", "crm-1", 1, ANN | other | theirs))
    propose_links(settings)
    (row,) = pq.read_table(links_file(settings)).to_pylist()
    return row["match_weight"]


def test_only_what_is_alike_says_that_two_accounts_are_one_persons(tmp_path):
    moved = {"street": "9 Far Row", "postcode": "Z9", "city": "Hull"}
    mail = {"emails": ["sunny.day77@a.org"], "numbers": ["447700900123"]}
    bare = weight(tmp_path / "bare", {}, {}, **moved)
    assert weight(tmp_path / "same", mail, mail, **moved) == bare
    other = {"emails": ["rain@b.org"], "numbers": ["33100000000"]}
    assert weight(tmp_path / "unlike", mail, other, **moved) == bare
    alike = {"emails": ["suny.day77@a.org"]}
    assert weight(tmp_path / "email", mail, alike, **moved) > bare
    assert weight(tmp_path / "phone", mail, {"numbers": ["447700900132"]}, **moved) > bare


def test_members_of_a_household_with_e_mails_and_numbers_alike_stay_two(tmp_path):
    settings = few(
        tmp_path,
        ("a", "crm-1", 1, ANN | {"emails": ["sunny.day77@a.org"], "numbers": ["447700900123"]}),
        ("b", "crm-1", 1, BEN | {"emails": ["suny.day77@a.org"], "numbers": ["447700900124"]}),
    )
    propose_links(settings)
    links = pq.read_table(links_file(settings)).to_pylist()
    assert all(link["match_probability"] < 0.5 or link["is_doubtful"] for link in links)


def test_an_e_mail_of_many_accounts_is_nobodys_to_mistype(tmp_path):
    shop = {"emails": ["no.mail.given@shop.org"]}
    others = [
        (f"s{n}", "crm-1", 1, BEN | shop | {"given_name": "Zed", "birth_date": date(1901, 1, n)})
        for n in range(1, 7)
    ]
    settings = few(
        tmp_path,
        ("a", "crm-1", 1, ANN | shop),
        ("b", "crm-1", 1, ANN | {"emails": ["no.mial.given@shop.org"]}),
        *others,
    )
    propose_links(settings)
    pairs = {
        (row["account_key"], row["other_account_key"]): row["gamma_email"]
        for row in pq.read_table(levels_file(settings)).to_pylist()
    }
    assert pairs["a", "b"] == MISSING
