"""A home whose collect.yml is written by a test, and what was delivered into it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from saydo.collect import Access, collect_pipeline
from saydo.errors import ConfigError
from saydo.notices import told
from saydo.settings import Settings


class Home:
    """Settings with one or more pipelines, and the connections that they name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connections: dict[str, Access] = {}

    def configure(self, *pipelines: dict[str, Any]) -> Home:
        file = self.folder / "collect.yml"
        file.write_text(yaml.safe_dump({"pipelines": pipelines}))
        self.settings = Settings(home=self.folder / "home", collect_file=file)
        return self

    def find(self, name: str) -> Access:
        if name not in self.connections:
            raise ConfigError(f"no connection {name}")
        return self.connections[name]

    def collect(self, name: str) -> dict[str, Any]:
        return collect_pipeline(self.settings, name, self.find)

    def files(self) -> list[str]:
        """Names below landing/, hidden ones too."""
        landing = self.settings.landing
        return sorted(p.relative_to(landing).as_posix() for p in landing.rglob("*") if p.is_file())

    def rows(self, start: str = "") -> list[dict[str, Any]]:
        """Every delivered row, file by file."""
        found = []
        for name in self.files():
            file = self.settings.landing / name
            if not name.startswith(start):
                continue
            if name.endswith(".parquet"):
                found += pq.read_table(file).to_pylist()
            elif name.endswith(".jsonl.gz"):
                with gzip.open(file, "rt") as lines:
                    found += [json.loads(line) for line in lines]
        return found

    def notices(self) -> list[str]:
        return [notice.text for notice in told(self.settings)]

    def everything_written(self) -> str:
        """What all files of state/ say."""
        state = self.settings.state
        return "\n".join(p.read_text() for p in state.rglob("*") if p.is_file())
