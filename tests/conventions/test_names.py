"""The naming rubric of docs/naming.md, by its numbers, over models and their columns."""

from __future__ import annotations

import ast
import re

import pytest
from project_tree import ROOT, Model, all_models, bare_sql, files

FAMILIES = "identity|survey|transactions|network|interactions|operations"
PREFIXES = {
    "staging": re.compile(rf"^stg_({FAMILIES})__[a-z][a-z0-9_]*$"),
    "intermediate": re.compile(r"^int_[a-z][a-z0-9_]*$"),
    "marts": re.compile(r"^(?!vw_|tbl_|dim_|fct_|stg_|int_|mart_)[a-z][a-z0-9_]*[a-z]$"),
}
VERB_FORM = re.compile(r"_[a-z]+(ed|t|n|d)(_(to|by|from|in|on|with|as)_[a-z0-9_]+)?$")
UNIT_TYPES = {
    "_ratio": ("decimal", "double"),
    "_pct": ("decimal", "double"),
    "_score": ("decimal", "double"),
    "_count": ("bigint", "integer", "int", "smallint"),
    "_at": ("timestamp",),
    "_date": ("date",),
    "_id": ("varchar", "text", "string"),
    "_key": ("varchar", "text", "string"),
    "_code": ("varchar", "text", "string"),
}
BOOLEAN = re.compile(r"^(is|has|can|was)_")
NEGATED = re.compile(r"^(is|has|can|was)_(not|no|never|un(?!ited|ique)[a-z]+)(_|$)")
MONEY = re.compile(r"(^|_)(amount|revenue|mrr)($|_\d+d$)|_(amount|revenue|mrr)$")


def model_name_faults(model: Model) -> list[str]:
    """N1, N2: the name against its folder."""
    faults = []
    if not PREFIXES[model.layer].match(model.name):
        faults.append(f"N1 {model.name}: not a name for {model.layer}")
    if model.layer == "staging" and f"stg_{model.topic}__" not in model.name:
        faults.append(f"N2 {model.name}: folder is {model.topic}")
    if model.layer == "intermediate" and not VERB_FORM.search(model.name):
        faults.append(f"N1 {model.name}: says no past-tense verb")
    return faults


def column_faults(model: str, column: str, data_type: str, layer: str) -> list[str]:
    """N5-N8, N11: one column's name against its type."""
    kind = data_type.lower()
    faults = []
    for suffix, kinds in UNIT_TYPES.items():
        if column.endswith(suffix) and not kind.startswith(kinds):
            faults.append(f"N5-N8 {model}.{column}: {suffix} is {kind}")
    if (kind == "boolean") != bool(BOOLEAN.match(column)):
        faults.append(f"N7 {model}.{column}: is {kind}")
    if NEGATED.match(column):
        faults.append(f"N7 {model}.{column}: is negated")
    if kind.startswith("timestamp") and not column.endswith("_at"):
        faults.append(f"N6 {model}.{column}: an instant ends in _at")
    if kind == "date" and not column.endswith("_date"):
        faults.append(f"N6 {model}.{column}: a day ends in _date")
    if layer == "marts" and MONEY.search(column) and kind.replace(" ", "") != "decimal(18,2)":
        faults.append(f"N8 {model}.{column}: money is decimal(18,2), not {kind}")
    if layer == "marts" and column.startswith("_"):
        faults.append(f"N11 {model}.{column}: plumbing in a mart")
    if not column.startswith("_") and not re.fullmatch(r"[a-z][a-z0-9_]*", column):
        faults.append(f"N12 {model}.{column}: not lower snake case")
    return faults


def aliases(sql: str) -> set[str]:
    """One-letter aliases after from/join, with or without `as`."""
    found = re.findall(r"\b(?:from|join)\s+[a-z0-9_.]+\s+(?:as\s+)?([a-z])\b(?!\()", bare_sql(sql))
    return set(found)


@pytest.mark.parametrize("name", sorted(all_models()))
def test_n1_n2_a_model_is_named_for_its_layer_and_folder(name):
    assert model_name_faults(all_models()[name]) == []


@pytest.mark.parametrize("name", sorted(all_models()))
def test_n5_to_n12_a_column_name_says_its_type_and_unit(name):
    model = all_models()[name]
    faults = [
        fault
        for column, entry in model.columns.items()
        for fault in column_faults(name, column, entry.get("data_type", ""), model.layer)
        if entry.get("data_type")
    ]
    assert faults == []


@pytest.mark.parametrize("name", sorted(all_models()))
def test_n12_no_one_letter_aliases(name):
    assert aliases(all_models()[name].sql) == set()


def dag_ids(source: str) -> set[str]:
    """Functions decorated as a DAG, or their explicit dag_id."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        for decorator in getattr(node, "decorator_list", []):
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if getattr(call, "id", getattr(call, "attr", "")) == "dag":
                keywords = getattr(decorator, "keywords", [])
                given = [k.value.value for k in keywords if k.arg == "dag_id"]
                found.add(given[0] if given else node.name)
    return found


def test_every_folder_of_intermediate_says_in_the_rubric_what_it_holds():
    rubric = (ROOT / "docs/naming.md").read_text().partition("## Where a model of intermediate")[2]
    told = {
        name for row in re.findall(r"(?m)^\| (`[^|]*)\|", rubric) for name in row.split("`")[1::2]
    }
    topics = {m.topic.split("/")[0] for m in all_models().values() if m.layer == "intermediate"}
    assert told == topics


def test_n3_a_dag_id_is_its_file_name():
    named = {f.stem: dag_ids(f.read_text()) for f in files(".py", under="dags")}
    assert named and {stem: {stem} for stem in named} == named


def test_n3_a_singular_test_is_named_model_and_claim():
    tests = [f.stem for f in files(".sql", under="dbt_project/tests")]
    assert [name for name in tests if not re.fullmatch(r"[a-z0-9_]+?__[a-z0-9_]+", name)] == []


@pytest.mark.parametrize(
    ("column", "data_type", "rule"),
    [
        ("opened_at", "date", "N5-N8"),
        ("paid", "boolean", "N7"),
        ("is_late", "integer", "N7"),
        ("is_not_late", "boolean", "N7"),
        ("closing", "timestamp", "N6"),
        ("day", "date", "N6"),
        ("closing_mrr", "double", "N8"),
        ("order_count", "decimal(18,2)", "N5-N8"),
        ("_batch_id", "varchar", "N11"),
    ],
)
def test_the_column_checker_sees_a_breach(column, data_type, rule):
    assert any(f.startswith(rule) for f in column_faults("m", column, data_type, "marts"))


def test_the_model_checker_sees_a_breach():
    for name, layer, topic in [
        ("staging_orders", "staging", "survey"),
        ("stg_survey__responses", "staging", "network"),
        ("int_orders", "intermediate", "revenue"),
        ("dim_orders", "marts", "core"),
    ]:
        assert model_name_faults(Model(name, layer, topic, "", {}, 1)), name


def test_the_alias_checker_sees_a_breach():
    assert aliases("select a.x from orders a join lines as b on a.id = b.id") == {"a", "b"}


def test_the_dag_checker_sees_the_id():
    assert dag_ids("@dag(schedule=None)\ndef build_it():\n    pass\n") == {"build_it"}
