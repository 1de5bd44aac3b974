"""Identity scenarios share one home and one build; each has accounts of its own."""

from __future__ import annotations

import pytest
from world import IDENTITY, Resolved, World


@pytest.fixture(scope="session")
def resolve(dbt, make_home):
    """Build identity over worlds, each a release after the other; returns what came of each."""

    def run(name: str, *worlds: World) -> list[Resolved]:
        results = []
        home = make_home(name)
        for number, world in enumerate(worlds):
            if number:
                home.keep_registry()
            batch = {"delivery": "snapshot"}
            home.deliver("accounts", world.accounts, **batch)
            home.deliver("account_identifiers", world.identifiers, **batch)
            dbt.build_models(home, *IDENTITY)
            results.append(Resolved(home))
            results[-1].changes = home.rows(
                "select change_type, from_customer_id, to_customer_id, account_count "
                "from intermediate.int_identity_changes_detected"
            )
        return results

    return run
