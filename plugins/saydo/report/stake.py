"""Revenue at stake: whose change of mind moves the most money."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from saydo.report.drawing import DO, amounts
from saydo.report.section import Picture, Row, Rows, Section
from saydo.report.wording import listed, plain, signed

STAKE_SQL = """\
select band, scenario_code, customer_count, monthly_recurring_revenue, satisfaction_change,
    kpi_change_ratio, effect_per_customer, monthly_revenue_effect, ci_low, ci_high,
    share_of_total, rank, is_capped, is_publishable, not_publishable_reason,
    (select coalesce(max(currency_code), 'reporting currency') from customer_profiles)
        as currency_code,
    (select max(split_part(split_part(unit, ' per ', 2), ' (', 1)) from experience_effects
        where link = 'service_to_satisfaction') as service_step
from revenue_at_stake
order by case scenario_code when 'service_dip' then 1 when 'satisfaction_lift' then 2 else 3 end,
    scenario_code, case band
    when 'dissatisfied' then 1 when 'neutral' then 2 when 'fan' then 3
    when 'never_asked_dissatisfied' then 4 when 'never_asked_neutral' then 5 else 6 end, band"""

BANDS = {
    "dissatisfied": "dissatisfied",
    "neutral": "neutral",
    "fan": "fans",
    "never_asked_dissatisfied": "never asked, likely dissatisfied",
    "never_asked_neutral": "never asked, likely neutral",
    "never_asked_fan": "never asked, likely fans",
    "never_asked_unknown": "never asked, and not predicted",
}
SHORT = {band: name.replace("never asked, likely", "not asked:") for band, name in BANDS.items()}
SCENARIOS = {
    "service_dip": ("If service gets worse", "if their service falls by {service_step}"),
    "satisfaction_lift": (
        "If satisfaction rises",
        "if their satisfaction rises by {satisfaction_step:.2g} (of 10)",
    ),
}


def _is_sure(row: Row) -> bool:
    return bool(row["is_publishable"]) and row["monthly_revenue_effect"] is not None


def most_at_stake(rows: Rows) -> str:
    """The sentence that a reader in a hurry takes along: whose change moves the most, and how much.

    It is of the first scenario that is known: a dip in service, else a lift in satisfaction, else a
    part of service, since changes of different things cannot be held against each other.

    Args:
        rows: of STAKE_SQL, at least one.
    """
    sure = [row for row in rows if _is_sure(row)]
    if not sure:
        reasons = [row["not_publishable_reason"] for row in rows if row["not_publishable_reason"]]
        why = max(sorted(set(reasons)), key=reasons.count, default="too little is known")
        return f"Which customers have the most at stake cannot be told: {why}."
    top = _top(sure)
    return (
        f"Most is at stake with customers who are {_who(top)}: {_money(top)} would be "
        f"{'lost' if top['monthly_revenue_effect'] < 0 else 'gained'} "
        f"{_scenario(top)[1]}."
    )


def _top(sure: Rows) -> Row:
    first = [row for row in sure if row["scenario_code"] == sure[0]["scenario_code"]]
    return max(first, key=lambda row: (abs(row["monthly_revenue_effect"]), row["band"]))


def _who(row: Row) -> str:
    return f"{BANDS.get(row['band'], plain(row['band']))} ({row['customer_count']:,})"


def _money(row: Row) -> str:
    """What is lost or gained, and between what and what; below zero is the other way."""
    way = -1 if row["monthly_revenue_effect"] < 0 else 1
    words = f"{way * row['monthly_revenue_effect']:,.0f} {row['currency_code']} a month"
    if row["ci_low"] is None or row["ci_high"] is None:
        return words
    low, high = sorted((way * row["ci_low"], way * row["ci_high"]))
    return f"{words} (95%: {_amount(low)} to {_amount(high)})"


def _amount(value: Decimal) -> str:
    return signed(value, 0).removeprefix("+")


def _part(row: Row) -> str:
    return plain(row["scenario_code"].removeprefix("kpi_"))


def _scenario(row: Row) -> tuple[str, str]:
    """What changes, as a title and as the end of a sentence."""
    moves = f"{_part(row)} moves by {signed(100 * (row['kpi_change_ratio'] or 0), 0)}%"
    better = (f"If {moves}", f"if {moves}")
    title, sentence = SCENARIOS.get(row["scenario_code"], better)
    return title, sentence.format(
        service_step=row["service_step"] or "some points",
        satisfaction_step=row["satisfaction_change"] or 1,
    )


def _say(rows: Rows) -> Sequence[str]:
    return [most_at_stake(rows), *_held_back(rows)]


def _held_back(rows: Rows) -> list[str]:
    """Of whom nothing is said, and why: once for all the scenarios that it holds for."""
    held: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if not _is_sure(row) and row["customer_count"]:
            reason = row["not_publishable_reason"] or "not known"
            who = BANDS.get(row["band"], plain(row["band"]))
            held.setdefault((_scenario(row)[1], reason), []).append(who)
    found: dict[tuple[str, str], list[str]] = {}
    for (scenario, reason), bands in held.items():
        found.setdefault((" or ".join(bands), reason), []).append(scenario)
    every = len({row["scenario_code"] for row in rows})
    return [
        f"Nothing is told of customers who are {bands}"
        f"{'' if len(scenarios) == every else ' ' + listed(scenarios)}: {reason}."
        for (bands, reason), scenarios in found.items()
    ]


def _draw(rows: Rows) -> Sequence[Picture]:
    """A picture of all bands for each scenario, and one of the parts of service for one band."""
    sure = [row for row in rows if _is_sure(row)]
    pictures = []
    for code, (title, _) in SCENARIOS.items():
        found = [row for row in sure if row["scenario_code"] == code]
        pictures += _picture(title, [_bar(row, _band_name(row)) for row in found], found)
    parts = [row for row in sure if row["scenario_code"].startswith("kpi_")]
    found = [row for row in parts if row["band"] == _top(sure)["band"]]
    found.sort(key=lambda row: (-row["monthly_revenue_effect"], row["scenario_code"]))
    if found:
        step = abs(found[0]["kpi_change_ratio"] or 0)
        title = f"If a part of service gets better by {step:.0%}: {_band_name(found[0])}"
        pictures += _picture(title, [_bar(row, _part(row)) for row in found], found)
    return pictures


def _picture(title: str, bars: Sequence[dict[str, Any]], rows: Rows) -> list[Picture]:
    if not rows:
        return []
    unit = f"{rows[0]['currency_code']} a month, with the 95% interval"
    described = "; ".join(bar["words"] for bar in bars)
    return [Picture(title, unit, f"{described}.", amounts(bars, DO))]


def _band_name(row: Row) -> str:
    return SHORT.get(row["band"], plain(row["band"]))


def _bar(row: Row, name: str) -> dict[str, Any]:
    way = "lost" if row["monthly_revenue_effect"] < 0 else "gained"
    return {
        "name": name,
        "value": row["monthly_revenue_effect"],
        "low": row["ci_low"],
        "high": row["ci_high"],
        "words": f"{name} ({row['customer_count']:,} customers): {_money(row)} {way}",
    }


STAKE = Section(
    "stake", "Revenue at stake", STAKE_SQL, _say, _draw,
    subject="Which customers have the most at stake",
    note="What a band would pay less or more each month: its customers times the effect on each, "
    "never more than they pay. Who was never asked is placed by a predicted answer.",
)  # fmt: skip
