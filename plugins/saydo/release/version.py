"""Which code made a release."""

from __future__ import annotations

import shutil
import subprocess

from saydo import __version__
from saydo.settings import PROJECT


def code_version() -> str:
    """The package's version, with the git commit behind `+g` when run from a checkout."""
    git = shutil.which("git")
    if git is None or not (PROJECT / ".git").exists():
        return __version__
    found = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [git, "-C", str(PROJECT), "rev-parse", "--short=12", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    commit = found.stdout.strip()
    return f"{__version__}+g{commit}" if found.returncode == 0 and commit else __version__
