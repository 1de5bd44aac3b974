"""Proposed links of made-up accounts, and the accounts they are between."""

from __future__ import annotations

from world import World

from saydo.config import Policy

SURE, UNSURE = 0.99, 0.7
LINKING = Policy(linkage={"is_on": True}).model_dump(mode="json")


def proposal(scenario: str, left: str, right: str, probability: float | None = SURE, **more):
    first, second = sorted((f"{scenario}/{left}", f"{scenario}/{right}"))
    return {
        "account_key": first, "other_account_key": second, "match_probability": probability,
        "match_weight": 7.0, "is_doubtful": False, "decision": None, "model_version": "m",
    } | more  # fmt: skip


def accounts(world: World, scenario: str, names: str) -> None:
    for month, name in enumerate(names, start=1):
        world.account(scenario, name, opened_at=f"2024-{month:02}-01")


def card(world: World, scenario: str, *names: str) -> None:
    """An identifier that links them."""
    for name in names:
        world.holds(scenario, name, "loyalty_id", "-".join(names))
