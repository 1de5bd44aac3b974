"""What ran out is told from a tool's words, and from nothing else."""

from __future__ import annotations

import errno
from pathlib import Path

import duckdb
import pytest

from saydo.build import layers
from saydo.build.dbt import NodeResult
from saydo.errors import OutOfRoom, ReleaseRefused
from saydo.room import explains, lack_of
from saydo.settings import Settings

OFFLOAD = "Out of Memory Error: failed to offload data block (9.9 GiB/9.9 GiB used).\n" \
    "This limit was set by the 'max_temp_directory_size' setting."  # fmt: skip


@pytest.mark.parametrize(
    ("error", "lack"),
    [
        (duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate"), "memory"),
        (duckdb.OutOfMemoryException(OFFLOAD), "disk"),
        (duckdb.IOException("Could not write file: No space left on device"), "disk"),
        (duckdb.FatalException("Failed to commit: File too large"), "disk"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "disk"),
        (MemoryError(), "memory"),
        ("Runtime Error\n  Out of Memory Error: could not allocate block", "memory"),
        ("Runtime Error in model x\n  IO Error: Could not write: No space left on device", "disk"),
        (OFFLOAD, "disk"),
        (duckdb.ConversionException("Could not convert 'Out of Memory Error'"), None),
        (duckdb.IOException("Could not set lock on file"), None),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        ("Catalog Error: no table full_disk", None),
    ],
)
def test_a_lack_of_room_is_known_by_its_error(error: Exception | str, lack: str | None) -> None:
    assert lack_of(error) == lack


@pytest.mark.parametrize("message", ["Out of Memory Error: failed to allocate", OFFLOAD])
def test_a_model_without_room_is_no_broken_model(tmp_path: Path, message: str) -> None:
    node = NodeResult("int_x", "model", "error", 1.0, message, None, None)

    @explains("building {}", "the last release keeps serving")
    def build(settings: Settings, layer: str) -> None:
        layers._raise_on_failure(settings, layer, [node])

    with pytest.raises(OutOfRoom, match=r"building marts: .*; the last release keeps serving"):
        build(Settings(home=tmp_path), "marts")


def test_what_is_no_lack_of_room_passes(tmp_path: Path) -> None:
    @explains("gate", "")
    def refuse(settings: Settings) -> None:
        raise ReleaseRefused("Out of Memory Error")

    with pytest.raises(ReleaseRefused):
        refuse(Settings(home=tmp_path))
