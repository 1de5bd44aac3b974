"""A test that pytest never looks at cannot fail."""

from collections import Counter
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


def test_no_two_files_of_tests_or_of_their_helpers_have_one_name():
    """pytest imports them by their bare names: of two, one stops the run or stands in for both."""
    names = Counter(file.name for file in TESTS.rglob("*.py"))
    assert {name for name, count in names.items() if count > 1} == {"conftest.py"}
