"""Dependencies point one way: dags -> operators -> pure packages; staging -> ... -> marts."""

from __future__ import annotations

import ast
from pathlib import Path

import yaml
from project_tree import REF, ROOT, SOURCE, Model, all_models, files, seed_names, shown

BASELINE = yaml.safe_load((Path(__file__).parent / "layering_baseline.yml").read_text())


IDENTITY = ("episodes", "links", "registry", "ownership", "history")  # its steps, in order


def is_no_later_step(reader: Model, read: Model) -> bool:
    """Whether a model of identity reads one of its own step or of a step before it."""
    return read.topic.startswith("identity/") and IDENTITY.index(
        read.topic.removeprefix("identity/")
    ) <= IDENTITY.index(reader.topic.removeprefix("identity/"))


def allowed(reader: Model, read: Model) -> bool:
    """Whether `reader` may ref `read`."""
    if reader.layer == "staging":
        # Which rows of raw to read is worked out once, in a model beside those that read them.
        is_beside = (read.layer, read.topic) == ("staging", reader.topic)
        if is_beside and read.name.endswith("_superseded"):
            return True
        # Nor whose rows to leave out: every topic asks the same models, and they each other.
        return read.name.startswith("stg_identity__erased_")
    if reader.layer == "intermediate":
        if reader.topic.startswith("identity/"):
            return read.layer == "staging" or is_no_later_step(reader, read)
        return read.layer in ("staging", "intermediate")
    if reader.topic == "core":
        return read.layer == "intermediate" or (read.layer, read.topic) == ("marts", "core")
    if reader.topic == "operations" and read.layer == "marts":  # it tells of what is published
        return True
    topic = read.topic.split("/")[0]  # a topic of many models has folders of its own
    same_topic = topic == reader.topic and read.layer in ("intermediate", "marts")
    return same_topic or (read.layer, read.topic) == ("marts", "core")


def wrong_refs(models: dict[str, Model], seeds: frozenset[str]) -> set[str]:
    """Each ref or source that points the wrong way, as '<from> -> <to>'."""
    found = set()
    for model in models.values():
        for name in REF.findall(model.sql):
            if name not in seeds and not allowed(model, models[name]):
                found.add(f"{model.name} -> {name}")
        if model.layer != "staging":
            found |= {
                f"{model.name} -> {'.'.join(to)}"
                for to in SOURCE.findall(model.sql)
                if (model.layer, to[0]) != ("marts", "estimates")
            }
    return found


def imported(source: str) -> set[str]:
    """Dotted names of every module a Python source imports, at any level."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def forbidden(file: str, name: str) -> bool:
    """Whether the project file at that path may not import that name."""
    if file.startswith("dags/"):
        return within(name, "saydo") and not within(name, "saydo.operators")
    if file.startswith("plugins/saydo/operators/"):
        return within(name, "dags")
    if file.startswith("plugins/saydo/cli/"):  # an entry point, as a DAG is: it starts operators
        return any(within(name, upper) for upper in ("airflow", "dags"))
    if file.startswith(("plugins/saydo/", "expectations/")):
        return any(within(name, upper) for upper in ("airflow", "saydo.operators", "dags"))
    return False


def wrong_imports(sources: dict[str, str]) -> set[str]:
    return {
        f"{file} -> {name}"
        for file, source in sources.items()
        for name in imported(source)
        if forbidden(file, name)
    }


def python_sources() -> dict[str, str]:
    found = {
        shown(f): f.read_text()
        for folder in ("dags", "plugins", "expectations")
        for f in files(".py", under=folder)
    }
    assert any(file.startswith("dags/") for file in found), "no DAG file was found to check"
    return found


def test_models_read_only_what_lies_below_them():
    assert wrong_refs(all_models(), seed_names()) == set(BASELINE["models"])


def test_code_imports_only_what_lies_below_it():
    assert wrong_imports(python_sources()) == set(BASELINE["imports"])


def test_the_baseline_has_a_reason_for_each_entry_and_may_only_shrink():
    reasons = {**BASELINE["models"], **BASELINE["imports"]}
    assert all(reasons.values()), "each exception needs its reason"
    assert len(reasons) <= BASELINE["most"]


def test_a_customer_does_not_exist_before_identity_is_resolved():
    staging = [m for m in all_models().values() if m.layer == "staging"]
    assert [m.name for m in staging if "customer_id" in m.columns or "customer_id" in m.sql] == []


def _model(name: str, layer: str, topic: str, sql: str = "") -> Model:
    return Model(name, layer, topic, sql, {}, 1)


def test_the_ref_checker_sees_a_ref_that_points_up():
    models = {
        "stg_a__bs": _model("stg_a__bs", "staging", "a", "from {{ ref('orders') }}"),
        "stg_a__cs": _model(
            "stg_a__cs", "staging", "a", "ref('stg_a__bs') ref('stg_a__bs_superseded')"
        ),
        "stg_a__bs_superseded": _model("stg_a__bs_superseded", "staging", "a"),
        "stg_b__ds": _model("stg_b__ds", "staging", "b", "from {{ ref('stg_a__bs_superseded') }}"),
        "int_links": _model("int_links", "intermediate", "identity/links", "ref('int_ids')"),
        "int_ids": _model("int_ids", "intermediate", "identity/registry", "ref('int_links')"),
        "stg_identity__erased_es": _model("stg_identity__erased_es", "staging", "identity"),
        "stg_b__fs": _model("stg_b__fs", "staging", "b", "ref('stg_identity__erased_es')"),
        "orders": _model("orders", "marts", "core", "from {{ source('raw', 'orders') }}"),
        "sales": _model("sales", "marts", "revenue", "from {{ ref('stg_a__bs') }}"),
    }
    assert wrong_refs(models, frozenset()) == {
        "stg_a__bs -> orders",
        "stg_a__cs -> stg_a__bs",
        "stg_b__ds -> stg_a__bs_superseded",
        "int_links -> int_ids",
        "orders -> raw.orders",
        "sales -> stg_a__bs",
    }


def test_the_import_checker_sees_airflow_in_a_pure_module_even_inside_a_function():
    sources = {
        "plugins/saydo/landing/read.py": "def read():\n    from airflow.sdk import task\n",
        "dags/build.py": "from saydo.landing import land_all\nfrom saydo.operators import land\n",
        "plugins/saydo/operators/land.py": "from airflow.sdk import task\n",
    }
    assert wrong_imports(sources) == {
        "plugins/saydo/landing/read.py -> airflow.sdk.task",
        "dags/build.py -> saydo.landing.land_all",
    }


def test_there_are_models_of_every_layer_to_check():
    assert {m.layer for m in all_models().values()} == {"staging", "intermediate", "marts"}


def test_the_project_root_is_where_the_checks_think_it_is():
    assert (ROOT / "pyproject.toml").exists()
