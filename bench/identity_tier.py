"""Resolves the accounts of one home: `SAYDO_HOME=… python -m bench.identity_tier AS_OF OUT`.

From raw to owners and registry: the models of identity and all that they read, without their data
tests; OUT takes the seconds of each.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from saydo.build import prepare
from saydo.build.dbt import invoke
from saydo.build.variables import dbt_variables
from saydo.settings import Settings

MODELS = "+path:models/intermediate/identity"


def resolve(settings: Settings, as_of: date) -> dict[str, float]:
    """Build the models; seconds by model.

    Raises:
        RuntimeError: a model failed.
    """
    prepare(settings, as_of)
    results = invoke(settings, ["run", "--select", MODELS], dbt_variables(settings, as_of))
    failed = {result.name: result.message for result in results if result.status != "success"}
    if failed:
        raise RuntimeError(str(failed))
    return {result.name: result.seconds for result in results}


if __name__ == "__main__":
    settings, as_of = Settings(), date.fromisoformat(sys.argv[1])
    Path(sys.argv[2]).write_text(json.dumps(resolve(settings, as_of)))
