"""A test that pytest never looks at cannot fail."""

from fnmatch import fnmatch
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_no_folder_of_tests_has_a_name_that_pytest_leaves_out(pytestconfig):
    folders = {part for file in TESTS.rglob("test_*.py") for part in file.relative_to(TESTS).parts}
    left_out = {
        name
        for name in folders
        for pattern in pytestconfig.getini("norecursedirs")
        if fnmatch(name, pattern)
    }
    assert left_out == set() and "build" in folders
