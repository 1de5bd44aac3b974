"""How alike the holders of accounts with an identifier in common are, told without a value."""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq
import pytest
from made_up_people import ANN, BEN, few

from saydo.identity.linkage import compared_file, propose_links
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
         "given_name_likeness": likeness[0], "birth_date_likeness": likeness[1]}
    ]  # fmt: skip


def test_short_forms_are_related_by_a_formal_name_and_not_by_one_another():
    formal = dict(formal_names())
    assert set(formal["bill"]) & set(formal["will"]) & set(formal["william"])
    assert {"patrick", "patricia"} <= set(formal["pat"])
    assert not set(formal["patrick"]) & set(formal["patricia"])
    assert all(form == form.strip().lower() and form.isalpha() for form in formal)
