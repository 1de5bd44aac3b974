"""Who holds an identifier, and when: named scenarios of the same build as the links."""

from __future__ import annotations

from datetime import date

from world import one


def test_a_recycled_number_joins_nobody_and_belongs_to_nobody_in_the_gap(resolved):
    assert resolved.groups("recycled_with_gap") == {one("a"), one("b")}
    assert resolved.spans("recycled_with_gap", "number") == [
        ("a", "01-01", "03-01"),
        ("b", "06-01", None),
    ]


def test_a_hand_over_at_the_same_instant_is_no_overlap(resolved):
    assert resolved.groups("recycled_without_gap") == {one("a"), one("b")}
    assert resolved.spans("recycled_without_gap", "number") == [
        ("a", "01-01", "03-01"),
        ("b", "03-01", None),
    ]


def test_a_number_that_comes_back_belongs_to_its_first_owner_twice(resolved):
    assert resolved.groups("back_to_first") == {one("a"), one("b")}
    assert resolved.spans("back_to_first", "number") == [
        ("a", "01-01", "03-01"),
        ("b", "03-01", "05-01"),
        ("a", "05-01", None),
    ]


def test_a_reassigned_number_links_nobody_in_quarantine(resolved):
    assert resolved.groups("quarantine") == {one("a"), one("b"), one("c")}


def test_a_reassigned_number_links_again_after_quarantine(resolved):
    assert resolved.groups("after_quarantine") == {one("a"), one("b", "c")}
    (row,) = resolved.home.rows(
        "select quarantined_until_at from intermediate.int_identifiers_resolved "
        "where id_key = 'after_quarantine/number' and quarantined_until_at is not null"
    )
    assert f"{row['quarantined_until_at']:%Y-%m-%d}" == "2024-03-31"


def test_a_sim_swap_is_one_person_with_two_cards(resolved):
    assert resolved.spans("sim_swap", "old") == [("a", None, "04-01")]
    assert resolved.spans("sim_swap", "new") == [("a", "04-01", None)]


def test_an_identifier_is_its_owners_before_and_after_it_was_shared(resolved):
    assert resolved.spans("shared_for_a_while", "post") == [
        ("a", "01-01", "03-01"),
        (None, "03-01", "05-01"),
        (None, "03-01", "05-01"),
        ("a", "05-01", None),
    ]


def test_a_number_ported_between_ones_own_accounts_stays_ones_own(resolved):
    assert resolved.groups("ported_number") == {one("a", "b")}
    assert resolved.spans("ported_number", "number") == [("a", "01-01", None)]


def test_an_account_handed_to_another_person_does_not_join_the_first_ones_other_account(resolved):
    assert resolved.groups("one_account_two_persons") == {one("a"), one("x")}
    assert resolved.spans("one_account_two_persons", "anas") == [
        (None, "01-01", "03-01"),
        (None, "01-01", "03-01"),
        ("x", "03-01", None),
    ]
    assert resolved.spans("one_account_two_persons", "bens") == [("a", "03-01", None)]


def test_the_day_of_a_hand_over_is_its_last_owners(resolved):
    assert resolved.groups("same_day_hand_over") == {one("a"), one("b")}
    rows = resolved.home.rows(
        "select valid_from_date, valid_to_date from intermediate.int_identifiers_resolved "
        "where id_key = 'same_day_hand_over/number' order by valid_from_at"
    )
    day = date(2024, 3, 1)
    assert (rows[0]["valid_to_date"], rows[1]["valid_from_date"]) == (day, day)


def test_what_was_never_ended_is_shared_from_the_next_holder_on(resolved):
    assert resolved.groups("open_ended_overlap") == {one("a"), one("b")}
    assert resolved.spans("open_ended_overlap", "number") == [
        ("a", "01-01", "03-01"),
        (None, "03-01", None),
        (None, "03-01", None),
    ]


def test_spans_of_one_account_that_touch_or_overlap_are_one_without_a_gap(resolved):
    assert resolved.spans("phantom_gap", "number") == [("a", "01-01", "06-01")]


def test_a_span_without_a_begin_begins_with_its_account_else_it_was_always(resolved):
    assert resolved.spans("no_begin", "number") == [("a", "02-03", None)]
    assert resolved.spans("no_begin", "order") == [("x", None, None)]


def test_equal_spans_of_a_persons_accounts_are_one(resolved):
    assert resolved.groups("equal_spans") == {one("a", "b", "c")}
    assert resolved.spans("equal_spans", "post") == [("a", "01-01", None)]
    assert resolved.spans("equal_spans", "old") == [("a", "01-01", "03-01")]


def test_what_is_never_reassigned_and_has_no_begin_is_its_first_holders_since_ever(resolved):
    assert resolved.spans("never_reassigned", "card") == [("a", None, None)]
    assert resolved.spans("never_reassigned", "given_back") == [("a", None, "02-03")]


def test_what_nobody_had_in_between_is_theirs_who_have_it_next(resolved):
    assert resolved.groups("in_turn_without_begins") == {one("a"), one("b"), one("c")}
    assert resolved.spans("in_turn_without_begins", "card") == [
        ("a", None, "03-01"),
        ("b", "03-01", "06-01"),
        ("c", "08-01", None),
    ]


def test_a_holder_without_a_begin_does_not_take_the_past_of_an_earlier_one(resolved):
    assert resolved.groups("together_without_begins") == {one("a"), one("b")}
    assert resolved.spans("together_without_begins", "post") == [
        ("a", None, "04-01"),
        (None, "04-01", None),
        (None, "04-01", None),
    ]


def test_a_span_that_ends_before_it_begins_owns_and_links_nothing(resolved):
    assert resolved.groups("ends_before_it_begins") == {one("a"), one("b")}
    assert resolved.spans("ends_before_it_begins", "number") == [("b", "01-01", None)]


def test_a_span_that_begins_after_the_as_of_day_is_not_known_yet(resolved):
    assert resolved.groups("not_yet") == {one("a"), one("b")}
    assert resolved.spans("not_yet", "card") == [("a", "01-01", None)]


def test_a_number_that_goes_through_many_hands_joins_none_of_them(resolved):
    assert resolved.groups("many_hands") == {one("a"), one("b"), one("c"), one("d")}
