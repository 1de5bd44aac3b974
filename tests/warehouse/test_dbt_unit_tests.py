"""The rules that models carry, with made-up rows beside them in their YAML."""

from __future__ import annotations


def test_every_unit_test_of_the_dbt_project_passes(dbt, make_home):
    statuses = dbt(make_home("units"), "test", "test_type:unit")
    failed = {name: dbt.failures.get(name) for name, status in statuses.items() if status != "pass"}
    assert statuses and not failed, failed
