"""What a change of a KPI would bring, from what a release says is at stake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from saydo.config.types import unknown
from saydo.engine import open_database
from saydo.errors import ConfigError
from saydo.release import read_manifest, release_dir
from saydo.release.database import DATABASE
from saydo.settings import Settings

WHAT_IF_SQL = """\
select band, customer_count, monthly_recurring_revenue, kpi_change_ratio, monthly_revenue_effect,
    ci_low, ci_high, is_publishable, not_publishable_reason,
    (select max(currency_code) from customer_profiles) as currency_code
from revenue_at_stake
where scenario_code = ?
order by monthly_recurring_revenue desc, band"""


@dataclass(frozen=True)
class BandEffect:
    """Money a month, in the reporting currency, of one satisfaction band; its 95% interval.

    `why_not` says why there is none. `is_capped`: more would move than the band pays.
    """

    band: str
    customer_count: int
    monthly_recurring_revenue: Decimal
    effect: Decimal | None
    low: Decimal | None
    high: Decimal | None
    is_capped: bool
    why_not: str | None


@dataclass(frozen=True)
class WhatIf:
    """What a change of a KPI brings, band by band."""

    release_id: str
    currency_code: str
    bands: Sequence[BandEffect]

    @property
    def total(self) -> tuple[Decimal, Decimal, Decimal] | None:
        """Effect and interval of all bands that are known; None if none is.

        The bands share their slopes, so the ends of their intervals are added: as wide as it can
        be, 95% at least.
        """
        known = [band for band in self.bands if band.effect is not None]
        if not known:
            return None
        return (
            sum((band.effect or Decimal(0) for band in known), Decimal(0)),
            sum((band.low or Decimal(0) for band in known), Decimal(0)),
            sum((band.high or Decimal(0) for band in known), Decimal(0)),
        )


def what_if(settings: Settings, kpi: str, change: Decimal, band: str | None = None) -> WhatIf:
    """Scale what the current release says is at stake with a KPI to another change of it.

    Args:
        settings: where the releases are.
        kpi: name of a KPI.
        change: share by which it moves, with its sign: -0.2 is a fifth less.
        band: of `revenue_at_stake`; all if None.

    Raises:
        ConfigError: nothing is published, there is no such KPI or band, or the release is one of a
            version that had no effects.
    """
    release_id = read_manifest(settings)["release_id"]
    file = release_dir(settings, release_id) / DATABASE
    with open_database(settings, file, read_only=True) as connection:
        try:
            rows = _rows(connection, kpi)
        except (duckdb.CatalogException, duckdb.BinderException) as missing:
            raise ConfigError(
                f"release {release_id} does not say what is at stake; run again to make one"
            ) from missing
    found = [_scaled(row, change) for row in rows if band in (None, row["band"])]
    if not found:
        raise ConfigError(unknown("band", band or "", [row["band"] for row in rows]))
    return WhatIf(release_id, rows[0]["currency_code"] or "", found)


def _rows(connection: duckdb.DuckDBPyConnection, kpi: str) -> list[dict]:
    rows = connection.execute(WHAT_IF_SQL, [f"kpi_{kpi}"]).to_arrow_table().to_pylist()
    if not rows:
        known = connection.execute(
            "select distinct scenario_code[5:] from revenue_at_stake "
            "where scenario_code like 'kpi!_%' escape '!' order by 1"
        ).fetchall()
        names = [name for (name,) in known]
        if not names:
            raise ConfigError("this release knows no KPI: no feed delivers the measures of one")
        raise ConfigError(unknown("KPI", kpi, names))
    return rows


def _scaled(row: dict, change: Decimal) -> BandEffect:
    paid = row["monthly_recurring_revenue"]
    if not row["is_publishable"] or row["monthly_revenue_effect"] is None:
        why = row["not_publishable_reason"] or "not known"
        return BandEffect(row["band"], row["customer_count"], paid, None, None, None, False, why)
    times = change / row["kpi_change_ratio"]
    figures = (row["monthly_revenue_effect"], row["ci_low"], row["ci_high"])
    effect, *ends = (min(paid, max(-paid, round(value * times, 2))) for value in figures)
    return BandEffect(
        row["band"], row["customer_count"], paid, effect, min(ends), max(ends),
        abs(figures[0] * times) > paid, None,
    )  # fmt: skip
