"""What likeness says of the holders of two accounts: state/compared_accounts.parquet.

With linkage on, the rules about shared identifiers read it instead of comparing hashes, to which a
typing error is as far away as another person. Of every pair of accounts that hold an identifier in
common, and of every proposed pair, it tells how alike given name, birth date,
e-mail and number are: never a value.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from saydo.durable import replace_table
from saydo.identity.linkage.comparisons import COMPARISONS
from saydo.settings import Settings

COMPARED_ACCOUNTS = pa.schema(
    [
        ("account_key", pa.string()),  # the smaller of the two
        ("other_account_key", pa.string()),
        ("given_name_likeness", pa.string()),  # same, alike or unlike; null: not known of both
        ("birth_date_likeness", pa.string()),
        ("email_likeness", pa.string()),  # told to who asks; no rule reads it, nor the next
        ("phone_likeness", pa.string()),
    ]
)
# Levels that a typing error, a short form or a mistaken field explains, and no more than that. What
# is further apart contradicts: twins, and a child named after a parent, have e-mails in common.
ALIKE = {
    "given_name": ("one letter off", "nickname", "initial", "similar", "exchanged"),
    "birth_date": ("one digit off", "day and month exchanged", "two parts same"),
    "email": ("user part alike", "same user part elsewhere"),
    "phone": ("one digit off", "two digits off"),
}


def compared_file(settings: Settings) -> Path:
    """The likenesses that dbt reads."""
    return settings.state / "compared_accounts.parquet"


def compare_accounts(connection: duckdb.DuckDBPyConnection, most_accounts: int) -> pa.Table:
    """How alike the holders of accounts are that are proposed, or hold an identifier in common.

    Args:
        connection: holds `people`, `scored`, and `holders` (id_type, id_key, account_key).
        most_accounts: an identifier that more accounts hold is nobody's, and compares none.
    """
    columns = ("given_name", "family_name", "formal_names", "birth_date", "emails", "phones")
    both = ", ".join(f"l.{name} as {name}_l, r.{name} as {name}_r" for name in columns)
    verdicts = ", ".join(_verdict_sql(name) for name in ALIKE)
    return (
        connection.execute(
            f"""
        with shared as (
            select id_type, id_key, account_key from holders
            qualify count(*) over (partition by id_type, id_key) between 2 and {most_accounts}
        ),
        pairs as (
            select account_key, other_account_key from scored
            union
            select l.account_key, r.account_key as other_account_key from shared as l
            join shared as r on l.id_type = r.id_type and l.id_key = r.id_key
                and l.account_key < r.account_key
        ),
        compared as (
            select pairs.*, {both} from pairs
            join people as l on pairs.account_key = l.account_key
            join people as r on pairs.other_account_key = r.account_key
        )
        select account_key, other_account_key, {verdicts} from compared order by all
        """
        )
        .to_arrow_table()
        .cast(COMPARED_ACCOUNTS)
    )


def empty_comparison(settings: Settings) -> None:
    """Leave no likeness: before the first run, and with linkage off."""
    replace_table(compared_file(settings), COMPARED_ACCOUNTS.empty_table())


def _verdict_sql(name: str) -> str:
    [comparison] = [known for known in COMPARISONS if known.name == name]
    alike = " or ".join(
        f"({level.condition})" for level in comparison.levels if level.name in ALIKE[name]
    )
    same = comparison.levels[0].condition
    return (
        f"case when {comparison.missing} then null when {same} then 'same' "
        f"when {alike} then 'alike' else 'unlike' end as {name}_likeness"
    )
