"""Builds the four layers in this process: `SAYDO_HOME=… python -m bench.layers AS_OF full|day`."""

from __future__ import annotations

import sys
from datetime import date

from saydo.build import LAYERS, build_layer, prepare
from saydo.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    as_of, is_full = date.fromisoformat(sys.argv[1]), sys.argv[2] == "full"
    prepare(settings, as_of)
    for layer in LAYERS:
        done = build_layer(settings, layer, as_of, full_refresh=is_full)
        if done["is_full_refresh"] != is_full:
            sys.exit(f"{layer} was built fully: this is not the build of one new day")
