"""The rules that models carry, with made-up rows beside them in their YAML."""

from __future__ import annotations

from saydo.config import Policy


def test_every_unit_test_of_the_dbt_project_passes(dbt, make_home):
    home = make_home("units")
    # Rows are made up, but their types are those of the tables.
    only_tables = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    all_on = Policy(linkage={"is_on": True}).model_dump(mode="json")
    built = dbt(home, "build", "*", "--empty", *only_tables, policy=all_on)
    assert set(built.values()) <= {"success", "no-op"}, dbt.failures
    statuses = dbt(home, "test", "test_type:unit", policy=all_on)
    failed = {name: dbt.failures.get(name) for name, status in statuses.items() if status != "pass"}
    assert statuses and not failed, failed
