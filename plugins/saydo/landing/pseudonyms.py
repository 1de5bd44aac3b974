"""Keyed pseudonyms: who a row is about, without saying who that is.

A pseudonym is `hmac.new(key, normalised value, sha256).hexdigest()`. The normalisers are written
once, in SQL, and are used for the rows of a file and for a single value alike:

- email: trimmed, lower case, NFC. Nothing else: dots and +tags are a mail host's own business.
- msisdn: digits only, without `(0)` and without a leading 00, so +44 7700…, 0044 7700… and
  44 (0)7700… are one number. A national number (07700…) is of `business.country`: without one it
  stays as it is, and is not the same number.
- none: the value as delivered.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from saydo.config import IdentifierType
from saydo.durable import create_text
from saydo.engine import open_without_home
from saydo.errors import ConfigError
from saydo.landing.telephone import number_sql
from saydo.settings import Settings
from saydo.sql import literal

_BLOCK = 64
_SHORTEST_SERVER_KEY = 32
_MARKED = b"which key of pseudonyms this is"
_FEWEST_DIGITS = 3  # emergency and short numbers have three
_DEFAULT_KEYS = ("changeme", "change-me", "change_me", "secret", "password", "default", "example")
_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"
_UNREADABLE_REASON = {
    "email": "is not an e-mail address",
    "msisdn": "is not a telephone number",
}


def pseudonym_key(settings: Settings) -> bytes:
    """The key of every pseudonym, from SAYDO_PSEUDONYM_KEY or state/pseudonym.key.

    On a person's own machine a missing key is generated once, with mode 0600; feeds that start
    together agree on one. On a server it must be given.

    Raises:
        ConfigError: on a server, the key is missing, shorter than 32 characters or a known default.
    """
    given = settings.pseudonym_key.get_secret_value() if settings.pseudonym_key else ""
    if settings.environment == "server":
        _refuse_weak(given)
    if given:
        return given.encode()
    file = settings.state / "pseudonym.key"
    if not file.is_file():
        create_text(file, secrets.token_hex(32) + "\n", 0o600)
    return file.read_text(encoding="ascii").strip().encode()


def key_mark(settings: Settings) -> str | None:
    """What tells the key of pseudonyms from any other; None where this process has none yet.

    Of a key that nobody can guess it says nothing else.
    """
    is_made = settings.environment != "server" and (settings.state / "pseudonym.key").is_file()
    if not settings.pseudonym_key and not is_made:
        return None
    return hmac.new(pseudonym_key(settings), _MARKED, hashlib.sha256).hexdigest()[:16]


def _refuse_weak(key: str) -> None:
    advice = (
        "set it to a secret of your own, for example the output of `openssl rand -hex 32`, and "
        "keep it: with another key, no earlier row joins a new one"
    )
    if not key:
        raise ConfigError(f"SAYDO_PSEUDONYM_KEY is not set on this server; {advice}")
    plain = key.lower()
    if any(word in plain for word in _DEFAULT_KEYS) or len(set(key)) < 8:
        raise ConfigError(f"SAYDO_PSEUDONYM_KEY is a default or trivial value; {advice}")
    if len(key) < _SHORTEST_SERVER_KEY:
        raise ConfigError(
            f"SAYDO_PSEUDONYM_KEY is shorter than {_SHORTEST_SERVER_KEY} characters; {advice}"
        )


def hold_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give a connection what `hmac_sql` reads: the padded keys of HMAC-SHA256 (RFC 2104).

    No feed's expression can read a variable: see `validate_expression`.
    """
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    for name, pad in (("hmac_inner", 0x36), ("hmac_outer", 0x5C)):
        padded = bytes(byte ^ pad for byte in block)
        connection.execute(f"set variable {name} = unhex('{padded.hex()}')")


def hmac_sql(value: str) -> str:
    """HMAC-SHA256 of a text expression, in hex; an error on a connection without `hold_key`."""
    inner = f"unhex(sha256({_held('hmac_inner')} || encode({value})))"
    return f"sha256({_held('hmac_outer')} || {inner})"


def _held(name: str) -> str:
    # A variable that is not set is null, and so would be the pseudonym.
    return f"coalesce(getvariable('{name}')::blob, error('the pseudonym key is not held')::blob)"


def normalised_sql(value: str, normaliser: str, country: str | None = None) -> str:
    """A text expression normalised, as SQL. Null where nothing identifying is left.

    Args:
        value: SQL of the value as delivered.
        normaliser: email, msisdn or none.
        country: where telephone numbers that name no country are of.
    """
    if normaliser == "email":
        return f"nullif(trim(nfc_normalize(lower({value})), {_BLANKS}), '')"
    if normaliser == "msisdn":
        return f"nullif({number_sql(value, country)}, '')"
    return f"nullif({value}, '')"


def name_sql(value: str) -> str:
    """A person's name as it is hashed: trimmed, lower case, NFC."""
    return normalised_sql(value, "email")


def identifier_key_sql(
    id_type: str, value: str, types: dict[str, IdentifierType], country: str | None = None
) -> str:
    """SQL of the id_key of (id_type, value): the pseudonym of a personal one, else the clear value.

    Args:
        id_type: SQL expression of the type.
        value: SQL expression of the value.
        types: the policy of each known type.
        country: where telephone numbers that name no country are of.
    """
    arms = []
    for name, policy in types.items():
        clear = normalised_sql(value, policy.normaliser, country)
        key = hmac_sql(clear) if policy.is_personal else clear
        arms.append(f"when {literal(name)} then {key}")
    return f"case {id_type} {' '.join(arms)} end"


def unreadable_sql(id_type: str, value: str, types: dict[str, IdentifierType]) -> dict[str, str]:
    """Reason to SQL condition: values that their type's normaliser cannot be meant for."""
    conditions = {}
    for normaliser, test in (
        ("email", f"not contains({value}, '@')"),
        ("msisdn", f"coalesce(length({normalised_sql(value, 'msisdn')}), 0) < {_FEWEST_DIGITS}"),
    ):
        names = [literal(n) for n, policy in types.items() if policy.normaliser == normaliser]
        if names:
            reason = _UNREADABLE_REASON[normaliser]
            conditions[reason] = f"{id_type} in ({', '.join(names)}) and {test}"
    return conditions


@lru_cache(maxsize=4096)
def _normalised(value: str, normaliser: str, country: str | None) -> str | None:
    sql = f"select {normalised_sql('$value', normaliser, country)}"
    with open_without_home() as connection:
        return connection.execute(sql, {"value": value}).fetchone()[0]


def clear_account_files(settings: Settings) -> list[Path]:
    """Files of the restricted store that tell the clear account_id beside its account_key, by name.

    What an earlier version landed has none, and is left out.
    """
    files = sorted((settings.restricted / "accounts").glob("*.parquet"))
    return [file for file in files if "account_id" in pq.read_schema(file).names]


def hash_identifier(settings: Settings, id_type: str, value: str) -> str:
    """The id_key under which landed rows hold (id_type, value): to look a person up.

    Raises:
        ConfigError: unknown id_type, or nothing is left of the value after normalising.
    """
    types = settings.feeds.all_identifier_types
    if id_type not in types:
        raise ConfigError(f"unknown id_type {id_type!r}; known: {', '.join(types)}")
    clear = _normalised(value, types[id_type].normaliser, settings.feeds.business.country)
    if clear is None:
        raise ConfigError(f"the given {id_type} is empty after normalising")
    if not types[id_type].is_personal:
        return clear
    return hmac.new(pseudonym_key(settings), clear.encode(), hashlib.sha256).hexdigest()
