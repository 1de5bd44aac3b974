"""The project's macros as the SQL of one engine, without a project around them."""

from __future__ import annotations

import importlib.util
import re
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
TEXT_TYPES = {"duckdb": "varchar", "spark": "string"}


def rendered_macros(engine: str, *files: str, **variables: Any) -> SimpleNamespace:
    """All macros of `files` (below macros/, with their suffix) as functions of text, for `engine`
    (duckdb or spark), with `variables` as dbt's."""
    names, dbt = SimpleNamespace(), SimpleNamespace(type_string=lambda: TEXT_TYPES[engine])
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
    globals_ = {
        "saydo": names,
        "dbt": dbt,
        "adapter": SimpleNamespace(dispatch=lambda name, _: getattr(names, f"{engine}__{name}")),
        "return": lambda text: text,
        "var": variables.get,
        "modules": SimpleNamespace(re=re, datetime=SimpleNamespace(date=date, timedelta=timedelta)),
    }
    for file in files:
        source = (MACROS / file).read_text()
        vars(names).update(_exported(environment.from_string(source, globals=globals_)))
    for name in ("dateadd", "datediff", "listagg"):
        found = getattr(names, f"{engine}__{name}", None)
        if engine == "duckdb":
            source = (_dbt_duckdb() / f"{name}.sql").read_text()
            found = _exported(environment.from_string(source))[f"duckdb__{name}"]
        setattr(dbt, name, found)
    dbt.is_spark = engine == "spark"
    names.dbt = dbt
    return names


def _exported(template: jinja2.Template) -> dict[str, Any]:
    return {k: v for k, v in vars(template.module).items() if not k.startswith("_")}


def _dbt_duckdb() -> Path:
    spec = importlib.util.find_spec("dbt.adapters.duckdb")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parents[2] / "include" / "duckdb" / "macros" / "utils"
