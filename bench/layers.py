"""Builds the four layers in this process: `SAYDO_HOME=… python -m bench.layers full|day`."""

from __future__ import annotations

import sys

from saydo.build import LAYERS, build_layer, prepare, resolve_as_of
from saydo.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    as_of = resolve_as_of(settings, None)
    prepare(settings, as_of)
    for layer in LAYERS:
        done = build_layer(settings, layer, as_of, full_refresh=sys.argv[1] == "full")
        if done["is_full_refresh"] != (sys.argv[1] == "full"):
            sys.exit(f"{layer} was built fully: this is not the build of one new day")
