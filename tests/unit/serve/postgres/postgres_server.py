"""A PostgreSQL server of the tests' own, from the system's binaries, and databases in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from saydo.serve.postgres import setup_sql
from saydo.settings import Settings

LOADER, READER = "saydo_loader", "bi"
# Of this server alone, which nobody else reaches.
PASSWORD = "only-of-this-test"


def binaries() -> Path | None:
    """Where `initdb` and `pg_ctl` are: on Debian beside each version, elsewhere on the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    found = versions[0] if versions else shutil.which("initdb")
    return Path(found).parent if found else None


class Server:
    """A running server; `uri` and `connect` are for one of its databases."""

    def __init__(self, folder: Path, commands: Path, port: int) -> None:
        self.folder, self.commands, self.port = folder, commands, port

    def run(self, command: str, *words: str) -> None:
        # The server refuses to run as root.
        as_other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*as_other, str(self.commands / command), "-D", str(self.folder / "data"), *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=self.folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        log = str(self.folder / "log")
        # It need not outlive a power cut.
        quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]
        quick += ["wal_level=minimal", "max_wal_senders=0", "shared_buffers=32MB"]
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        options += "".join(f" -c {setting}" for setting in quick)
        self.run("pg_ctl", "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")

    def admin(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser."""
        with psycopg.connect(
            host=str(self.folder), port=self.port, user="postgres", dbname=database, autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    def uri(self, database: str, user: str = LOADER, password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str, user: str = READER) -> psycopg.Connection:
        return psycopg.connect(self.uri(database, user), autocommit=True)


def make_server(folder: Path, commands: Path) -> Server:
    """Start a server below `folder` with what `saydo serve init` prints run in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    server = Server(folder, commands, port)
    server.run("initdb", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    rules = "local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    (folder / "data" / "pg_hba.conf").write_text(rules)
    server.start()
    # What psql would ask for is given; the rest is run as it is printed.
    script = setup_sql(Settings()).replace(
        f'\\password "{LOADER}"', f"alter role {LOADER} password '{PASSWORD}';", 1
    )
    lines = [line for line in script.splitlines() if line and not line.startswith("--")]
    server.admin(*lines)
    server.admin(f"create role {READER} login in role saydo_reader password '{PASSWORD}'")
    return server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for the whole session."""
    commands = binaries()
    if commands is None:
        assert not os.environ.get("CI"), "install postgresql: .ci/run does"
        pytest.skip("no PostgreSQL on this machine; on Debian: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="saydo-postgres-"))
    made = make_server(folder, commands)
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture
def database(server: Server) -> str:
    """The database that `saydo serve init` made, empty."""
    server.admin(
        "do $$ declare name text; begin for name in select nspname from pg_namespace "
        "where nspname = 'marts' or nspname like 'release%' loop "
        "execute format('drop schema %I cascade', name); end loop; end $$",
        database="saydo",
    )
    return "saydo"


def serving(settings: Settings, uri: str, publish_yml: str = "") -> Settings:
    """The same home, served at an address by a publish.yml."""
    file = settings.home.parent / "publish.yml"
    file.write_text(publish_yml)
    changed = settings.model_copy(update={"publish_postgres": SecretStr(uri), "publish_file": file})
    vars(changed).pop("publish", None)  # what was read of the other file
    return changed
