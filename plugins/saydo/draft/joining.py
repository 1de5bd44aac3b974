"""Which file lists the accounts, and which columns say whose a row is: told by values that join."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from saydo.config.dictionaries import BUILT_IN_IDENTIFIERS
from saydo.draft.choosing import fits, matched
from saydo.draft.column import Column
from saydo.draft.mixed import Mixed, mixed_columns
from saydo.draft.overlap import built_in_type, could_identify, joins, share_of
from saydo.draft.synonyms import ACCOUNT, FILES, IMPERSONAL, PERSONAL
from saydo.draft.table import Table
from saydo.draft.words import nearness, slug_of

_MOSTLY = 0.9  # of the rows are a version of their own
_IS_ONE = 0.95  # of an identifier's values belong to one account
_FEWEST_ATTRIBUTES = 3  # of a further list of accounts
_FACTS = (
    "transactions", "subscriptions", "survey_responses", "network_usage_daily", "network_sessions",
    "network_incidents", "survey_invitations", "experiment_assignments", "erasure_requests",
    "interactions",
)  # fmt: skip


@dataclass(frozen=True)
class Identifier:
    """A column beside an account's key that identifies the account elsewhere."""

    id_type: str
    table: Table
    column: Column
    is_built_in: bool
    mixed: Mixed | None = None  # the column holds identifiers of other types as well


@dataclass(frozen=True)
class Whose:
    """By which column a table says whose a row is; `doubt` is why that is not sure."""

    id_type: str
    column: Column
    doubt: str = ""
    type_sql: str = ""  # where the rows of one file are told by several types


@dataclass
class Identity:
    """Who is who among the sampled tables. `keys` are the accounts' key in each table, by path."""

    accounts: Table | None = None
    is_derived: bool = False  # no file lists each account once: the accounts are those of a table
    further: list[Table] = field(default_factory=list)  # other lists of accounts
    keys: dict[str, Column] = field(default_factory=dict)
    identifiers: list[Identifier] = field(default_factory=list)
    whose: dict[str, Whose] = field(default_factory=dict)


def identify(tables: list[Table]) -> Identity:
    """Find the accounts, what identifies them, and by what each table says whose its rows are."""
    found = Identity()
    _find_accounts(tables, found)
    if found.accounts:
        _find_keys(tables, found)
        _find_further(tables, found)
    _find_identifiers(tables, found)
    for table in tables:
        if whose := _whose(table, found):
            found.whose[table.key] = whose
        table.personal = frozenset(_personal(table, found))
    return found


def is_personal(id_type: str, column: Column) -> bool:
    """Whether an identifier is a person's, so that it may be stored as a keyed hash only."""
    return id_type in BUILT_IN_IDENTIFIERS or not set(column.words) & IMPERSONAL


def _personal(table: Table, found: Identity) -> Iterator[str]:
    if key := found.keys.get(table.key):
        yield key.name
    if (whose := found.whose.get(table.key)) and is_personal(whose.id_type, whose.column):
        yield whose.column.name
    for known in found.identifiers:
        if known.table is table and is_personal(known.id_type, known.column):
            yield known.column.name
    for column in table.columns:
        if could_identify(column) and built_in_type(column):
            yield column.name


def _account_column(table: Table) -> Column | None:
    """The column that is named as accounts' keys are; one key a row first."""
    ranked = [
        (nearness(column.words, ACCOUNT) + (0.02 if column.is_unique else 0), -place, column)
        for place, column in enumerate(table.columns)
        if could_identify(column)
    ]
    best = max(ranked, key=lambda item: item[:2], default=None)
    return best[2] if best and best[0] > 0.5 else None


def _person_column(table: Table) -> Column | None:
    """Where nothing else numbers the accounts: the column that identifies a person."""
    for column in table.columns:
        if could_identify(column) and built_in_type(column) and column.missing_share < _MOSTLY / 2:
            return column
    return None


def _find_accounts(tables: list[Table], found: Identity) -> None:
    ranked = []
    for place, table in enumerate(tables):
        key = _account_column(table) or _person_column(table)
        if key is None:
            continue
        others = sum(
            any(joins(column, key) for column in other.columns)
            for other in tables
            if other is not table
        )
        has = matched(table, "accounts", {key.name})
        is_list = key.is_unique or _is_versioned(key, has.get("updated_at"))
        attributes = len(has)
        score = (
            4 * is_list
            + 0.7 * attributes
            + 2 * bool(FILES["accounts"] & table.file_words)
            + min(others, 3)
            + (-1 if built_in_type(key) else nearness(key.words, ACCOUNT))
            - 2 * _is_fact(table, key)
        )
        ranked.append((score, -place, table, key, is_list))
    if ranked:
        _, _, found.accounts, key, is_list = max(ranked, key=lambda item: item[:2])
        found.is_derived = not is_list
        found.keys[found.accounts.key] = key
        if id_type := built_in_type(key):  # the others name it by its type, as it is normalised
            found.identifiers.append(Identifier(id_type, found.accounts, key, True))


def _is_versioned(key: Column, updated: Column | None) -> bool:
    """Whether an account comes again with another time of change alone."""
    if updated is None:
        return False
    rows = list(zip(key.values, updated.values, strict=True))
    return len(set(rows)) > _MOSTLY * len(rows) and len(key.distinct) > _MOSTLY / 2 * len(rows)


def _find_keys(tables: list[Table], found: Identity) -> None:
    key = found.keys[found.accounts.key]
    for table in tables:
        if table is found.accounts or built_in_type(key):
            continue
        ranked = [
            (round(share_of(column, key), 1), nearness(column.words, ACCOUNT), -place, column)
            for place, column in enumerate(table.columns)
            if joins(column, key)
        ]
        if ranked:
            found.keys[table.key] = max(ranked, key=lambda item: item[:3])[3]


def _find_further(tables: list[Table], found: Identity) -> None:
    """Lists of other accounts: with names and addresses of their own."""
    for table in tables:
        key = _account_column(table)
        if table is found.accounts or table.key in found.keys or key is None:
            continue
        attributes = matched(table, "accounts", {key.name})
        if key.is_unique and len(attributes) >= _FEWEST_ATTRIBUTES and not _is_fact(table, key):
            found.further.append(table)
            found.keys[table.key] = key


def _is_fact(table: Table, key: Column) -> bool:
    return any(fits(table, fact, {key.name}) for fact in _FACTS)


def _find_identifiers(tables: list[Table], found: Identity) -> None:
    for table in tables:
        key = found.keys.get(table.key)
        if key is None:
            continue
        is_list = table is found.accounts or not _is_fact(table, key)
        mixed = list(mixed_columns(table)) if is_list else []
        for each in mixed:
            for id_type in sorted(set(each.types.values()) - {"account_id"}):
                one = each.of_type(id_type)
                found.identifiers.append(Identifier(id_type, table, one, True, each))
        left_out = [key, *(each.column for each in mixed), *(each.told_by for each in mixed)]
        for column in table.columns:
            if any(column is other for other in left_out) or not could_identify(column):
                continue
            asked = [
                other
                for other in tables
                if other is not table
                and other.key not in found.keys
                and any(joins(theirs, column) for theirs in other.columns)
            ]
            built_in = built_in_type(column)
            if not (
                asked or (is_list and not found.is_derived and (built_in or _is_person(column)))
            ):
                continue
            if not built_in and not _is_one(column, key):
                continue
            id_type = built_in or _own_type(column)
            if any(known.id_type == id_type for known in found.identifiers if built_in is None):
                continue
            found.identifiers.append(Identifier(id_type, table, column, bool(built_in)))


def _is_person(column: Column) -> bool:
    """A second number of a person: named so, and nearly one a row."""
    words = set(column.words)
    is_named = bool(words & PERSONAL) and column.words[-1] in ("id", "no")
    return is_named and len(column.distinct) > 0.9 * len(column.filled) > 0


def _is_one(column: Column, key: Column) -> bool:
    owners: dict[str, set[str]] = {}
    for value, owner in zip(column.values, key.values, strict=True):
        if value and owner:
            owners.setdefault(value.strip(), set()).add(owner)
    single = sum(len(found) == 1 for found in owners.values())
    return bool(owners) and single >= _IS_ONE * len(owners)


def _own_type(column: Column) -> str:
    name = slug_of(column.name)
    for ending in ("_number", "_no", "_num"):
        name = name.removesuffix(ending) + "_id" if name.endswith(ending) else name
    return name


def _whose(table: Table, found: Identity) -> Whose | None:
    if key := found.keys.get(table.key):
        return Whose(built_in_type(key) or "account_id", key)
    for each in mixed_columns(table):
        return Whose(next(iter(each.types.values())), each.column, type_sql=each.type_sql)
    ranked = [
        (round(share, 1), not known.is_built_in, -place, Whose(known.id_type, column))
        for known in found.identifiers
        if known.table is not table
        for place, column in enumerate(table.columns)
        if joins(column, known.column) and (share := share_of(column, known.column))
    ]
    if ranked:
        return max(ranked, key=lambda item: item[:3])[3]
    column = _account_column(table)
    if column and nearness(column.words, ACCOUNT[:-1]) > 0.75:
        doubt = "no sampled value of it is in the accounts" if found.accounts else ""
        return Whose("account_id", column, doubt)
    for column in table.columns:
        if could_identify(column) and (id_type := built_in_type(column)):
            return Whose(id_type, column, "no drafted file says whose it is")
    return None
