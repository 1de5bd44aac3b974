"""Tables of a database, by dlt: whole, or what is new by a cursor, as one Parquet file each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from saydo.collect.access import Access
from saydo.collect.delivering import Part
from saydo.collect.found import Found
from saydo.collect.window import Window
from saydo.config.collect import Table
from saydo.errors import ConfigError, SaydoError

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Engine

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pymssql",
}
_NOT_LET_IN = re.compile(r"authentication failed|does not exist|pg_hba|Access denied")
_BATCH = 50_000  # rows that are held at a time
_ROW_GROUP = 250_000


def collect_table(part: Part, table: Table, access: Access) -> Found:
    """Deliver a table, or what is new of it.

    Raises:
        ConfigError: no such table, column or right, or the connection is wrong.
        SaydoError: the database cannot be reached, or stopped answering.
        DeliveryRefused: rows have no cursor, and collect.yml refuses such.
    """
    import pyarrow.parquet as pq

    found = Found(part.where)
    days = timedelta(days=part.settings.policy.gate.max_future_days)
    cursor = table.cursor
    window = Window(cursor.lag, part.memory.get("cursor"), days) if cursor else None
    name = part.new_name(".parquet")
    beside = part.beside(name)
    writer: Any = None
    with reading(part.where, access) as engine:
        _checked(part.where, engine, table)
        for batch in _batches(engine, table, window):
            new = _of_window(batch, cursor.column, window) if cursor and window else batch
            if writer is None:
                writer = pq.ParquetWriter(beside, new.schema, compression="zstd")
            writer.write(new.cast(writer.schema), row_group_size=_ROW_GROUP)
            found.row_count += new.num_rows
    if writer is not None:
        writer.close()
    if cursor and window:
        found.tell_of_window(window, cursor.column, cursor.nulls)
    if not found.row_count:
        beside.unlink(missing_ok=True)
        if not cursor:
            found.tell("the table is empty: nothing was delivered", None, "look at the source")
        return found
    schema = {field.name: str(field.type) for field in writer.schema}
    found.tell_of_schema(part.memory.get("schema"), schema)
    memory = {"schema": schema} | ({"cursor": window.memory()} if window else {})
    found.files = part.commit([(beside, name)], memory)
    return found


def try_table(where: str, table: Table, access: Access) -> str:
    """Look at a table and read one row of it; what was seen, in words. Errors as above."""
    import sqlalchemy as sa

    with reading(where, access) as engine:
        reflected = _checked(where, engine, table)
        with engine.connect() as connection:
            row = connection.execute(sa.select(reflected).limit(1)).first()
    return f"{len(reflected.columns)} columns, {'rows' if row else 'no row'}"


def _wanted(table: Table) -> list[str]:
    """The columns to read; all, if none is named."""
    cursor = [table.cursor.column] if table.cursor and table.columns else []
    return [*dict.fromkeys([*table.columns, *cursor])]


def _checked(where: str, engine: Engine, table: Table) -> Any:
    """The table as the database describes it, which has the columns that are named."""
    import sqlalchemy as sa

    found = sa.Table(table.name, sa.MetaData(schema=table.db_schema), autoload_with=engine)
    cursor = [table.cursor.column] if table.cursor else []
    if missing := [name for name in (*_wanted(table), *cursor) if name not in found.columns]:
        raise KeyError(", ".join(missing))
    for kind in (found.columns[name].type for name in cursor):
        # As text, 10 would come before 9.
        if isinstance(_plain_type(kind), sa.Text) and not isinstance(kind, sa.String):
            raise ConfigError(
                f"{where}: column {cursor[0]} is of type {kind}, which cannot be a cursor: choose "
                "a time, a whole number or a numeric(p, s) in collect.yml"
            )
    return found


def _batches(engine: Engine, table: Table, window: Window | None) -> Iterator[pa.Table]:
    import dlt
    from dlt.sources.sql_database import sql_table

    incremental = None
    if table.cursor and window:
        # What is known at the edge is told by `Window`, which sees changes that a key does not.
        incremental = dlt.sources.incremental(
            table.cursor.column,
            initial_value=window.start,
            primary_key=(),
            on_cursor_value_missing="include",
        )
    yield from sql_table(
        credentials=engine,
        table=table.name,
        schema=table.db_schema,
        incremental=incremental,
        chunk_size=_BATCH,
        backend="pyarrow",
        included_columns=_wanted(table) or None,
        type_adapter_callback=_plain_type,
        query_adapter_callback=_as_text,
    )


def _plain_type(of: Any) -> Any:
    """The type that a column is read as: text for what Parquet has no exact type for."""
    import sqlalchemy as sa

    if isinstance(of, sa.Enum):
        return sa.Text()
    if isinstance(of, (sa.Integer, sa.Boolean, sa.DateTime, sa.Date, sa.String)):
        return of
    if isinstance(of, (sa.Float, sa.REAL, sa.Double)):
        return sa.Double()
    # Without its digits being told, a number could lose some.
    if isinstance(of, sa.Numeric) and of.precision and of.precision <= 38:
        return of
    return sa.Text()


def _as_text(query: Any, table: Any) -> Any:
    """Have the database write as text what is read as such."""
    import sqlalchemy as sa

    columns = []
    for column in query.selected_columns:
        plain = _plain_type(column.type)
        is_text = isinstance(plain, sa.Text) and not isinstance(column.type, sa.Text)
        columns.append(sa.cast(column, sa.Text).label(column.name) if is_text else column)
    return query.with_only_columns(*columns)


def _of_window(batch: pa.Table, column: str, window: Window) -> pa.Table:
    """The rows of a batch that were not delivered before."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cursor = batch.column(column)
    ends = pc.min_max(cursor).as_py()
    usable = [ends["max"]]
    if ends["max"] is not None and window.is_ahead(ends["max"]):
        usable = cursor.to_pylist()
    upto, since = window.edge(usable)
    at_edge = pc.is_null(cursor)
    for test, value in ((pc.less_equal, upto), (pc.greater_equal, since)):
        if value is not None:
            at_edge = pc.or_kleene(at_edge, test(cursor, pa.scalar(value, cursor.type)))
    places = pc.indices_nonzero(at_edge).to_pylist()
    rows = batch.take(places).to_pylist()
    known = {
        place
        for place, row in zip(places, rows, strict=True)
        if not window.is_new(row[column], row)
    }
    if not known:
        return batch
    return batch.filter(pa.array([place not in known for place in range(len(batch))]))


@contextmanager
def reading(where: str, access: Access) -> Iterator[Engine]:
    """An engine that reads only, and its errors in words without secrets and rows."""
    import sqlalchemy as sa

    url = sa.URL.create(
        _DRIVERS.get(access.type, access.type),
        access.login or None,
        access.password or None,
        access.host or None,
        access.port,
        access.database or None,
        {k: v for k, v in access.extra.items() if isinstance(v, str)},
    )
    try:
        read_only = {"postgresql_readonly": True} if "postgresql" in url.drivername else {}
        engine = sa.create_engine(url, execution_options=read_only)
    except (ImportError, sa.exc.ArgumentError) as error:
        raise ConfigError(
            f"{where}: connection {access.name!r} is of type {access.type!r}, for which this "
            f"machine has no driver ({type(error).__name__}): install one beside Saydo"
        ) from None
    try:
        yield engine
    except SaydoError:
        raise
    except Exception as error:
        raise _told(where, access, error) from None
    finally:
        engine.dispose()


def _told(where: str, access: Access, error: BaseException) -> SaydoError:
    import sqlalchemy as sa

    chain = [error]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    for one in chain:
        if isinstance(one, sa.exc.NoSuchTableError):
            return ConfigError(f"{where}: there is no such table, or {access.login} may not see it")
        if isinstance(one, KeyError):
            return ConfigError(
                f"{where}: a column of collect.yml is not in the table: {one.args[0]}; correct "
                "collect.yml, or ask whoever changed the source"
            )
        if isinstance(one, sa.exc.DBAPIError):
            code = getattr(one.orig, "sqlstate", None) or ""
            primary = getattr(getattr(one.orig, "diag", None), "message_primary", None)
            lines = (primary or str(one.orig).strip() or type(one.orig).__name__).splitlines()
            said = access.scrub(lines[0])
            # Not allowed, unknown, not let in: of a refused connection there is no code.
            if code[:2] in ("42", "28", "3D") or _NOT_LET_IN.search(lines[0]):
                advice = "grant it, or correct the connection"
                return ConfigError(f"{where}: the database says: {said}; {advice}")
            return SaydoError(
                f"{where}: the database cannot be read: {said}; nothing of it was delivered, and "
                "the next run begins where the last delivery ended"
            )
    last = access.scrub(f"{type(chain[-1]).__name__}: {chain[-1]}".splitlines()[0])
    return SaydoError(f"{where}: it cannot be read: {last}; nothing of it was delivered")
