"""Identity scenarios share one home and one build; each has accounts of its own."""

from __future__ import annotations

import inspect

import ownership_worlds
import pytest
import scenario_worlds
from world import IDENTITY, Resolved, World

from saydo.build.carried import INPUT_CHANGES

SCENARIOS = {
    name: function
    for module in (scenario_worlds, ownership_worlds)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if list(inspect.signature(function).parameters) == ["world", "name"]
}


@pytest.fixture(scope="session")
def resolve(dbt, make_home):
    """Build identity over worlds, each a release after the other; returns what came of each."""

    def run(name: str, *worlds: World) -> list[Resolved]:
        results = []
        home = make_home(name)
        for number, world in enumerate(worlds):
            if number:
                results[-1].state = home.keep_registry(f"r{number}")
            batch = {"delivery": "snapshot", "absent": "erased"}
            home.deliver("accounts", world.accounts, **batch)
            home.deliver("account_identifiers", world.identifiers, **batch)
            home.deliver("erasure_requests", world.erasures, **batch)
            home.write_state("input_changes", world.input_changes, INPUT_CHANGES)
            dbt.build_models(home, *IDENTITY, **world.variables)
            results.append(Resolved(home))
            results[-1].owned = home.rows(
                "select * from intermediate.int_identifiers_resolved where not is_shared"
            )
            results[-1].compiled = dbt.compiled
            results[-1].changes = home.rows(
                "select change_type, from_customer_id, to_customer_id, account_count, reason "
                "from intermediate.int_identity_changes_detected"
            )
        results[-1].state = home.keep_registry(f"r{len(worlds)}")
        return results

    return run


@pytest.fixture(scope="session")
def resolved(resolve) -> Resolved:
    """All scenarios of one release."""
    world = World()
    for name, scenario in SCENARIOS.items():
        scenario(world, name)
    return resolve("scenarios", world)[0]
