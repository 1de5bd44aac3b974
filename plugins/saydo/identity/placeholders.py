"""Identifiers that identify nobody: placeholders, and values that too many share."""

from __future__ import annotations

from dataclasses import dataclass

from saydo.identity.found import shortened
from saydo.identity.warehouse import open_warehouse
from saydo.settings import Settings


@dataclass(frozen=True)
class Unidentifying:
    """One identifier that links no account and owns no fact."""

    id_type: str
    key: str
    account_count: int  # that ever held it
    most_at_once: int  # accounts that held it at one time, at most
    person_count: int  # different persons who did, at least; of a value at one time, at most
    is_placeholder: bool  # learnt from how many persons gave it; else shared by too many at once


def unidentifying(settings: Settings) -> list[Unidentifying]:
    """All of them, those of most accounts first, keys shortened.

    Raises:
        ConfigError: nothing is built yet.
        SaydoError: a build holds the warehouse.
    """
    with open_warehouse(settings) as warehouse:
        rows = warehouse.rows(
            "select id_type, id_key, counted.account_count, peak_account_count, "
            "coalesce(learnt.person_count, peak_person_count) as person_count, is_placeholder "
            "from int_identifiers_counted as counted "
            "left join int_placeholders_learnt as learnt using (id_type, id_key) "
            "where is_over_limit order by is_placeholder desc, counted.account_count desc, "
            "id_type, id_key"
        )
    return [
        Unidentifying(
            row["id_type"],
            shortened(row["id_key"]),
            row["account_count"],
            row["peak_account_count"],
            row["person_count"],
            row["is_placeholder"],
        )
        for row in rows
    ]
