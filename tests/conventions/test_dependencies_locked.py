"""Everything that is installed is locked with hashes, and the locks name no index."""

from __future__ import annotations

import re
import tomllib

import pytest
from project_tree import ROOT

LOCKS = (
    "requirements.lock", "requirements-pip.lock", "requirements-server.lock",
    "requirements-spark.lock", "requirements-superset.lock", "requirements-duckdb-2.lock",
)  # fmt: skip
ENTRY = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.M)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> dict[str, set[str]]:
    """Package to its locked versions (more than one where Python versions differ)."""
    found: dict[str, set[str]] = {}
    for name, version in ENTRY.findall(text):
        found.setdefault(normal(name), set()).add(version)
    return found


def lock_faults(text: str) -> list[str]:
    """Entries without a hash, and lines that name where packages come from."""
    faults = [
        f"no hash: {block.splitlines()[0]}"
        for block in re.split(r"\n(?=[A-Za-z0-9])", text)
        if ENTRY.match(block) and "--hash=sha256:" not in block
    ]
    faults += [
        f"names an index or a file: {line.strip()}"
        for line in text.splitlines()
        if re.search(r"https?:|--(extra-)?index|--find-links|\s@\s|file:", line)
    ]
    return faults


def project_requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for extra in ("linkage", "collect"):
        assert set(extras[extra]) <= set(extras["dev"]), f"the tests run {extra}"
    return project["dependencies"] + extras["dev"]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_for_everything_and_no_address(lock):
    text = (ROOT / lock).read_text()
    assert locked(text)
    assert lock_faults(text) == []


def test_every_requirement_of_the_project_is_locked_at_an_allowed_version():
    found = locked((ROOT / "requirements.lock").read_text())
    for requirement in project_requirements():
        name = re.match(r"[A-Za-z0-9._-]+", requirement).group()
        assert normal(name) in found, f"{name} is not in requirements.lock; compile it again"
        if exact := re.search(r"==([^\s;,]+)", requirement):
            assert found[normal(name)] == {exact.group(1)}, requirement


@pytest.mark.parametrize(
    ("lock", "added"),
    [
        (
            "requirements-server.lock",
            {
                f"apache-airflow-providers-{name}"
                for name in ("celery", "cncf-kubernetes", "fab", "postgres")
            },
        ),
        ("requirements-spark.lock", {"dbt-spark", "pyspark"}),
    ],
)
def test_what_a_lock_adds_agrees_with_the_lock(lock, added):
    base = locked((ROOT / "requirements.lock").read_text())
    more = locked((ROOT / lock).read_text())
    differing = {n: (base[n], more[n]) for n in base.keys() & more.keys() if base[n] != more[n]}
    assert differing == {}
    assert added <= more.keys()


def test_the_licence_is_the_one_that_the_project_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (ROOT / "LICENSE").read_text()
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_checker_sees_a_missing_hash_and_an_address():
    text = "a==1 \\\n    --hash=sha256:00\nb==2\n--index-url https" + "://x/simple\n"
    assert len(lock_faults(text)) == 2
    assert locked("Zope.Interface[x]==1.0 ; python_version < '3'\n") == {"zope-interface": {"1.0"}}
