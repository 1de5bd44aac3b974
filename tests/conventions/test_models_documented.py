"""One YAML per model, and every column that a model produces is described in it."""

from __future__ import annotations

import re

import pytest
import yaml
from project_tree import MODELS, ROOT, Model, all_models, files, read_model, shown

from expectations.releases import _EMAIL, _PHONE
from saydo.build.variables import RUN_VARIABLES


def documentation_faults(model: Model) -> list[str]:
    """What the model's YAML leaves out."""
    if not model.entry or model.entry_count != 1:
        return [f"{model.name}: needs one YAML of its own with exactly its entry"]
    faults = []
    if len((model.entry.get("description") or "").split()) < 4:
        faults.append(f"{model.name}: no description of the grain")
    if not model.columns:
        faults.append(f"{model.name}: no columns listed")
    for name, column in model.columns.items():
        if len((column.get("description") or "").strip()) < 3:
            faults.append(f"{model.name}.{name}: no description")
    return faults


def mart_faults(model: Model) -> list[str]:
    """What a published model owes its readers beyond the documentation."""
    config = model.entry.get("config", {})
    faults = []
    if not config.get("contract", {}).get("enforced", True):
        faults.append(f"{model.name}: its contract is switched off")
    faults += [
        f"{model.name}.{name}: no data_type"
        for name, column in model.columns.items()
        if not column.get("data_type")
    ]
    return faults


def first_line_faults(model: Model) -> list[str]:
    """The first line of the SQL is the grain as a sentence."""
    first = model.sql.lstrip().splitlines()[0]
    ok = first.startswith("--") and len(first.split()) >= 4 and first.rstrip().endswith(".")
    return [] if ok else [f"{model.name}: first line must be the grain, as a sentence: {first!r}"]


@pytest.mark.parametrize("name", sorted(all_models()))
def test_every_model_and_every_column_is_described(name):
    assert documentation_faults(all_models()[name]) == []


@pytest.mark.parametrize("name", sorted(all_models()))
def test_a_model_opens_with_its_grain(name):
    assert first_line_faults(all_models()[name]) == []


@pytest.mark.parametrize("name", sorted(n for n, m in all_models().items() if m.layer == "marts"))
def test_a_mart_keeps_an_enforced_contract(name):
    assert mart_faults(all_models()[name]) == []


def test_every_yaml_beside_a_model_has_its_model():
    sql = {f.with_suffix("") for f in files(".sql", under="dbt_project/models")}
    shared = [
        f
        for f in files(".yml", under="dbt_project/models")
        if f.name not in ("sources.yml", "exposures.yml", "metrics.yml")
        and f.with_suffix("") not in sql
    ]
    assert [shown(f) for f in shared] == []


def test_no_yaml_reads_what_changes_from_run_to_run():
    """YAML is rendered when the project is parsed, which is before the run says its day."""
    yamls = files(".yml", under="dbt_project")
    told = {variable: f.name for f in yamls for variable in RUN_VARIABLES
            if f.name != "dbt_project.yml" and variable in jinja_of(f.read_text())}  # fmt: skip
    assert told == {}


def test_what_the_configuration_says_has_no_second_default_in_dbts_project():
    content = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text())
    assert set(content["vars"]) == set(RUN_VARIABLES)


def jinja_of(text: str) -> str:
    return " ".join(re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text, re.DOTALL))


def test_jinja_in_yaml_is_seen():
    assert jinja_of("where: \"day = '{{ var('as_of_date') }}'\"") == "{{ var('as_of_date') }}"


def test_the_checker_sees_a_model_without_words(tmp_path):
    folder = tmp_path / "marts" / "core"
    folder.mkdir(parents=True)
    (folder / "orders.sql").write_text("select 1 as order_id")
    (folder / "orders.yml").write_text(
        "models:\n- name: orders\n  description: One row per order.\n"
        "  config: {contract: {enforced: false}}\n  columns:\n  - name: order_id\n"
    )
    model = read_model(folder / "orders.sql", tmp_path)
    assert documentation_faults(model) == ["orders.order_id: no description"]
    assert mart_faults(model) == [
        "orders: its contract is switched off",
        "orders.order_id: no data_type",
    ]
    assert first_line_faults(model)
    (folder / "orders.yml").unlink()
    assert documentation_faults(read_model(folder / "orders.sql", tmp_path))


def test_the_models_folder_is_where_the_checks_think_it_is():
    assert MODELS.is_dir()


def test_no_description_looks_personal_since_the_data_map_publishes_it():
    told = {name: model.entry.get("description") or "" for name, model in all_models().items()}
    assert [name for name, text in told.items() if re.search(f"{_EMAIL}|{_PHONE}", text)] == []
