"""The lines of docs/bi-tools.md for ODBC, JDBC and psql read what is served, as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from postgres_server import PASSWORD, READER

from saydo.release import read_manifest
from saydo.serve.postgres import serve
from saydo.settings import PROJECT

PAGE = (PROJECT / "docs" / "bi-tools.md").read_text(encoding="utf-8")
JDBC_DRIVER = Path("/usr/share/java/postgresql.jar")
# A JVM of its own: it would take the signals of this process.
JDBC = """
import sys, jpype
driver, address, password, query = sys.argv[1:]
jpype.startJVM(classpath=[driver])
DriverManager = jpype.JClass("java.sql.DriverManager")
connection = DriverManager.getConnection(f"{address}&password={password}")
rows = connection.createStatement().executeQuery(query)
rows.next()
print(rows.getLong(1))
"""


def there(what: bool, package: str) -> None:
    if not what:
        tell = pytest.fail if os.environ.get("CI") else pytest.skip
        tell(f"install Debian's {package}: .ci/run does")


@pytest.fixture
def served(settings, server):
    """A line of the page for the server of these tests, and how many customers it serves."""
    serve(settings)

    def line(pattern: str) -> str:
        [found] = re.findall(pattern, PAGE, re.M)
        for theirs, ours in (
            ("HOST", "127.0.0.1"), ("5432", str(server.port)),
            ("saydo_reader", READER), ("…", PASSWORD),
        ):  # fmt: skip
            found = found.replace(theirs, ours)
        return found

    return line, read_manifest(settings)["row_counts"]["customer_profiles"]


def said(command: list[str], **given) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("pattern", [r"^Driver=.+$", r'(?<=^isql -k ")[^"]+'])
def test_the_text_for_odbc_reads_what_is_served(served, pattern):
    there(bool(shutil.which("isql")), "unixodbc and odbc-postgresql")
    line, customers = served
    query = "select count(*) from marts.customer_profiles\n"
    words = ["isql", "-k", line(pattern), "-b", "-x0x7c"]  # rows alone, "|" between columns
    assert said(words, input=query).split() == [str(customers)]


def test_the_address_for_jdbc_reads_what_is_served_without_a_schema_in_the_query(served):
    there(JDBC_DRIVER.exists() and bool(shutil.which("java")), "libpostgresql-jdbc-java")
    line, customers = served
    words = [str(JDBC_DRIVER), line(r"^jdbc:\S+$"), PASSWORD]
    query = "select count(*) from customer_profiles"
    assert said([sys.executable, "-c", JDBC, *words, query]).strip() == str(customers)


def test_the_line_for_psql_reads_what_is_served(served, server):
    line, customers = served
    [address, query] = re.findall(r'"([^"]+)"', line(r"^psql .+$"))
    environment = os.environ | {"PGPASSWORD": PASSWORD, "PGPORT": str(server.port)}
    psql = str(server.commands / "psql")
    assert said([psql, address, "-Atc", query], env=environment).strip() == str(customers)
