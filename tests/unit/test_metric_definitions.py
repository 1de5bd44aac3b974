"""A metric has one definition, and its name stands for nothing else."""

from __future__ import annotations

import pytest
import yaml

from saydo.build import check_configuration
from saydo.build import variables as build_variables
from saydo.errors import ConfigError
from saydo.metrics import definitions, read_definitions
from saydo.metrics.definitions import DEFINITIONS
from saydo.metrics.tables import metric_tables
from saydo.settings import Settings


@pytest.fixture
def changed(tmp_path):
    """Write the project's definitions with something added to them."""

    def write(change):
        content = yaml.safe_load(DEFINITIONS.read_text())
        change(content)
        file = tmp_path / "metrics.yml"
        file.write_text(yaml.safe_dump(content))
        return file

    return write


def mrr_twice(content):
    content["metrics"].append(content["metrics"][2] | {"label": "Another"})


def named(name):
    return lambda content: content["metrics"][0].update(name=name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (mrr_twice, "'mrr' (the metric 'Monthly recurring revenue', the metric 'Another')"),
        (named("opening_mrr"), "'opening_mrr' (the metric 'Customers', a metric that is a measure "
         "of customer_months)"),
        (named("region_code"), "'region_code' (the metric 'Customers', what customers are told "
         "apart by)"),
        (named("month"), "'month' (a span of time, the metric 'Customers')"),
    ],
)  # fmt: skip
def test_a_name_that_is_taken_is_refused_with_both_that_bear_it(changed, change, words):
    with pytest.raises(ConfigError, match="give all but one of each another name") as error:
        read_definitions(changed(change))
    assert words in str(error.value)


def test_a_run_does_not_begin_with_a_name_that_is_taken(changed, monkeypatch):
    file = changed(mrr_twice)
    monkeypatch.setattr(build_variables, "definitions", lambda: definitions(file))
    with pytest.raises(ConfigError, match="'mrr'"):
        check_configuration(Settings())


def test_every_metric_is_defined_on_one_table():
    listed = [code for table in metric_tables() for code in table.metrics]
    assert sorted(listed) == sorted(metric.code for metric in definitions())
