"""Who is erased from the releases is erased from what PostgreSQL serves of them."""

import sys
from pathlib import Path

import pytest
from fake_home import account, customer

sys.path.append(str(Path(__file__).parents[1] / "serve" / "postgres"))

from postgres_server import database, server, serving

from saydo.errors import SaydoError
from saydo.maintain import erase
from saydo.release import read_manifest, rollback
from saydo.release.store import release_ids
from saydo.serve.postgres import serve
from saydo.serve.postgres.loading import schema_name

__all__ = ["database", "server"]


def holding(connection) -> list[str]:
    """Schemas in which some table still names customer 1."""
    rows = connection.execute(
        "select table_schema, table_name from information_schema.columns "
        "where column_name = 'customer_id' and table_schema <> 'information_schema'"
    ).fetchall()
    return sorted(
        schema
        for schema, table in rows
        if connection.execute(
            f'select 1 from "{schema}"."{table}" where customer_id = %s limit 1', [customer(1)]
        ).fetchone()
    )


def test_a_person_is_erased_from_every_release_that_is_served(home, server, database):
    older, _ = release_ids(home.settings)
    settings = serving(home.settings, server.uri(database))
    serve(settings)
    rollback(settings, older)
    serve(settings)
    with server.connect(database, "saydo_loader") as loader:
        assert len(set(holding(loader))) == 3  # marts and two releases
        home.ask("r1", "account_id", account(1))
        erase(settings)
        assert holding(loader) == []
        assert loader.execute("select release_id from marts.served_release").fetchone() == (older,)
        assert loader.execute("select count(*) from marts.customer_profiles").fetchone() == (39,)
        kept = loader.execute("select nspname from pg_namespace where nspname like 'release%'")
        assert kept.fetchall() == [(schema_name(read_manifest(settings, older)),)]


def test_while_a_reader_holds_an_erased_person_the_erasure_is_not_done(home, server, database):
    settings = serving(home.settings, server.uri(database))
    schema = serve(settings)["schema"]
    home.ask("r1", "account_id", account(1))
    with server.connect(database, "saydo_loader") as loader:
        with server.connect(database) as reader, reader.transaction():
            reader.execute(f"select count(*) from {schema}.customer_profiles")
            with pytest.raises(SaydoError, match=f"may still hold them in {schema}"):
                erase(settings)
        erase(settings)
        assert holding(loader) == []


def test_postgresql_down_leaves_the_erasure_undone_and_the_home_without_the_person(home):
    settings = serving(home.settings, "postgresql://saydo_loader:x@127.0.0.1:1/saydo")
    home.ask("r1", "account_id", account(1))
    with pytest.raises(SaydoError, match="erased from everything in the home, but PostgreSQL"):
        erase(settings)
    assert account(1) not in home.left("accounts", "account_key")
