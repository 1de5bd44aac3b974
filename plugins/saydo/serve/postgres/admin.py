"""What an administrator of the server runs once; nothing after it needs more than is given here."""

from __future__ import annotations

from saydo.serve.postgres.connecting import address
from saydo.settings import Settings
from saydo.sql import quoted

_SETUP = """\
-- Once, by an administrator of the server. No password is in here: \\password asks for one.
create role {reader} nologin;
create role {loader} login;
\\password {loader}
create database {database} owner {loader};
revoke all on database {database} from public;
grant connect on database {database} to {reader};

-- For each person or tool that reads:
-- create role metabase login in role {reader};
-- \\password metabase
"""


def setup_sql(settings: Settings) -> str:
    """SQL for psql that makes the roles and the database, by the names that are configured.

    Raises:
        ConfigError: the address or publish.yml is not valid.
    """
    parts = address(settings) or {}
    return _SETUP.format(
        reader=quoted(settings.publish.postgres.reader_role),
        loader=quoted(parts.get("user", "saydo_loader")),
        database=quoted(parts.get("dbname", "saydo")),
    )
