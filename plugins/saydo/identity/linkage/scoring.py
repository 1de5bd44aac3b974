"""Splink, told what to compare; and the pairs it finds likely."""

from __future__ import annotations

import logging
from math import ceil
from typing import Any

import duckdb

from saydo.identity.linkage.comparisons import BLOCKS, COMPARISONS, MISSING, Comparison
from saydo.identity.linkage.model import Model

_SCORED_AT_ONCE = 200_000  # accounts whose pairs are scored in one piece, which bounds memory
_DIGITS = 6


def linker(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    account_count: int,
    with_frequencies: bool,
) -> Any:
    """A Splink linker over `people` with a model's shares. Splink is told to say nothing."""
    import splink.comparison_level_library as levels
    import splink.comparison_library as library
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    def comparison(described: Comparison) -> Any:
        shares = model.shares[described.name]
        known = [levels.CustomLevel(described.missing, "missing").configure(is_null_level=True)]
        for level, (match, chance) in zip(described.levels, shares, strict=False):
            column = described.frequency_column if level.name == "same" else None
            known.append(
                levels.CustomLevel(level.condition, level.name).configure(
                    m_probability=match,
                    u_probability=chance,
                    tf_adjustment_column=column if with_frequencies else None,
                )
            )
        match, chance = shares[-1]
        known.append(levels.ElseLevel().configure(m_probability=match, u_probability=chance))
        return library.CustomComparison(output_column_name=described.name, comparison_levels=known)

    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="account_key",
        comparisons=[comparison(described) for described in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(block) for block in BLOCKS],
        probability_two_random_records_match=model.prior(account_count),
        retain_matching_columns=True,  # or the levels would not be told; all of it stays in memory
    )
    people = DuckDBAPI(connection=connection).register("people")
    silenced = logging.getLogger("splink")
    silenced.setLevel(logging.CRITICAL + 1)
    return Linker(people, settings, log_level=None)


def score(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    account_count: int,
    least_probability: float,
) -> None:
    """Make `scored`: pairs of at least that probability, with the level of each comparison.

    `is_doubtful`: nothing of the person itself agrees; or, among households, given name or birth
    date plainly differ, as those of twins or of a child named after a parent do, or one of them is
    missing and the other merely similar.
    """
    predictor = linker(connection, model, account_count, model.account_count > 0)
    found = predictor.inference.predict(
        threshold_match_probability=least_probability,
        num_chunks_left=ceil(account_count / _SCORED_AT_ONCE),
        warning_mode="never",
    )
    person = {
        f"gamma_{comparison.name}": comparison.number("same")
        for comparison in COMPARISONS
        if comparison.name in ("given_name", "birth_date")
    }
    doubts = [" and ".join(f"{level} in (0, {MISSING})" for level in person)]
    if model.has_households:
        doubts += [f"{level} = 0" for level in person]
        doubts.append(
            f"{MISSING} in ({', '.join(person)}) and not ("
            + " or ".join(f"{level} = {same}" for level, same in person.items())
            + ")"
        )
    levels = ", ".join(f"gamma_{comparison.name}" for comparison in COMPARISONS)
    connection.execute(
        f"""
        create temp table scored as
        select
            least(account_key_l, account_key_r) as account_key,
            greatest(account_key_l, account_key_r) as other_account_key,
            round(match_probability, {_DIGITS}) as match_probability,
            round(match_weight, {_DIGITS}) as match_weight,
            {" or ".join(f"({doubt})" for doubt in doubts)} as is_doubtful,
            {levels}
        from {found.physical_name}
        """
    )
