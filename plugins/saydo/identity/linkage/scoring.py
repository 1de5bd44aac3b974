"""Splink, told what to compare; and the pairs it finds likely."""

from __future__ import annotations

import logging
from math import ceil
from typing import Any

import duckdb

from saydo.config.policy import LinkagePolicy
from saydo.identity.linkage.comparisons import BLOCKS, COMPARISONS, Comparison
from saydo.identity.linkage.households import person_odds
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
            is_fixed = described.only_alike and level.name == "same"
            column = described.frequency_column if level.name == "same" else None
            known.append(
                levels.CustomLevel(level.condition, level.name).configure(
                    m_probability=match,
                    u_probability=chance,
                    tf_adjustment_column=column if with_frequencies else None,
                    fix_m_probability=is_fixed,
                    fix_u_probability=is_fixed,
                )
            )
        match, chance = shares[-1]
        known.append(
            levels.ElseLevel().configure(
                m_probability=match,
                u_probability=chance,
                fix_m_probability=described.only_alike,
                fix_u_probability=described.only_alike,
            )
        )
        return library.CustomComparison(output_column_name=described.name, comparison_levels=known)

    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="account_key",
        comparisons=[comparison(described) for described in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(block) for block in BLOCKS],
        probability_two_random_records_match=model.prior(account_count),
        retain_matching_columns=True,  # or the levels would not be told; all of it stays in memory
        retain_intermediate_calculation_columns=True,  # how much rarer than usual a value is
    )
    people = DuckDBAPI(connection=connection).register("people")
    silenced = logging.getLogger("splink")
    silenced.setLevel(logging.CRITICAL + 1)
    return Linker(people, settings, log_level=None)


def score(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    account_count: int,
    policy: LinkagePolicy,
) -> None:
    """Make `scored`: pairs that policy wants seen, with the level of each comparison.

    Splink weighs one person against any two; households.py weighs one person against two of one
    household. The probability is of one person against both.

    `is_doubtful`: would be accepted if nobody shared a household.
    """
    with_frequencies = model.account_count > 0
    predictor = linker(connection, model, account_count, with_frequencies)
    found = predictor.inference.predict(
        threshold_match_probability=policy.review_probability,
        num_chunks_left=ceil(account_count / _SCORED_AT_ONCE),
        warning_mode="never",
    )
    levels = ", ".join(f"gamma_{comparison.name}" for comparison in COMPARISONS)
    connection.execute(
        f"""
        create temp table scored as
        with weighed as (
            select
                least(account_key_l, account_key_r) as account_key,
                greatest(account_key_l, account_key_r) as other_account_key,
                pow(2.0, -match_weight) as chance_odds,
                1 / {person_odds(model, with_frequencies)} as household_odds,
                {levels}
            from {found.physical_name}
        )
        select
            account_key,
            other_account_key,
            round(1 / (1 + chance_odds + household_odds), {_DIGITS}) as match_probability,
            round(-log2(chance_odds + household_odds), {_DIGITS}) as match_weight,
            match_probability < {policy.accept_probability} and household_odds > chance_odds
                as is_doubtful,
            {levels}
        from weighed
        """
    )
