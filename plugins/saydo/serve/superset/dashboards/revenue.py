"""Recurring revenue: what it stands at, what moved it, who is kept."""

from __future__ import annotations

from saydo.serve.superset.charts import (
    Chart,
    bars,
    column,
    filters,
    grid,
    latest,
    measure,
    money,
    table,
    waterfall,
    words,
)
from saydo.serve.superset.dashboards.dashboard import Dashboard

_MONTH = "month_start_date"
_BRIDGE = (
    "opening_mrr", "new_mrr", "expansion_mrr", "reactivation_mrr", "contraction_mrr", "churned_mrr",
    "closing_mrr",
)  # fmt: skip
_RATIOS = ("net_revenue_retention_ratio", "customer_churn_ratio")
_AMOUNT = "sum(amount)"
_ORDERED = column(
    "Movement",
    "case movement_type when 'new' then '1 new' when 'reactivation' then '2 reactivation' "
    "when 'expansion' then '3 expansion' when 'contraction' then '4 contraction' else '5 churn' "
    "end",
)


def _month(title: str, code: str, shown_as: str, caption: str, description: str) -> Chart:
    settings = latest(code, _MONTH, shown_as, caption) | filters(time=_MONTH)
    return Chart(title, "customer_months", description, settings, width=3, height=24)


def dashboard(currency: str) -> Dashboard:
    """The dashboard of recurring revenue, in the reporting currency."""
    mrr = _month(
        "Monthly recurring revenue",
        "mrr",
        ",.0f",
        f"{currency} a month",
        "What active subscriptions bring in a month at the end of the last month, in the "
        "reporting "
        "currency; and the months before it.",
    )
    return Dashboard(
        "Recurring revenue",
        "saydo-recurring-revenue",
        f"What subscriptions bring in a month, in **{currency}**, and what moved it. Every "
        "customer has one "
        "movement a month at most, so that the parts add up. The last month may not be over.",
        (
            (
                mrr._replace(settings=mrr.settings | money(currency)),
                _month(
                    "Active customers",
                    "active_customers",
                    ",d",
                    "customers at the month's end",
                    "Customers with an active subscription at the end of the month.",
                ),
                _month(
                    "Net revenue retention",
                    "nrr",
                    ",.1%",
                    "month to month, expansion included",
                    "Share of what customers paid when the month began that the same customers "
                    "pay at its "
                    "end, more from some included.",
                ),
                _month(
                    "Customer churn",
                    "churn",
                    ",.2%",
                    "a month, of paying customers",
                    "Share of the customers who paid when the month began that pay nothing at "
                    "its end.",
                ),
            ),
            (
                Chart(
                    f"What moved recurring revenue, by month ({currency})",
                    "revenue_movements",
                    "Recurring revenue that came and went in each month, by kind of movement: "
                    "new, "
                    "reactivation and expansion above zero, contraction and churn below it.",
                    bars(
                        _MONTH,
                        [measure("Moved", _AMOUNT)],
                        ",.0f",
                        by=["movement_type"],
                        is_monthly=True,
                        is_stacked=True,
                    )
                    | money(currency)
                    | filters(time=_MONTH),
                    width=7,
                    height=48,
                ),
                Chart(
                    f"Where today's recurring revenue came from ({currency})",
                    "revenue_movements",
                    "All movements of the months that are shown, by kind, and what they come "
                    "to. Of all "
                    "months that is what subscriptions bring in today.",
                    waterfall(_ORDERED, measure("Moved", _AMOUNT))
                    | money(currency)
                    | filters(time=_MONTH),
                    width=5,
                    height=48,
                ),
            ),
            (
                Chart(
                    f"Recurring revenue by plan ({currency})",
                    "customer_months",
                    "Recurring revenue at the end of each month, by the plan that customers had "
                    "then.",
                    bars(
                        _MONTH,
                        ["mrr"],
                        ",.0f",
                        by=["plan_code"],
                        is_monthly=True,
                        is_stacked=True,
                    )
                    | money(currency)
                    | filters("plan_code is not null", time=_MONTH),
                    width=7,
                    height=48,
                ),
                Chart(
                    f"Why revenue was lost ({currency} a month)",
                    "revenue_movements",
                    "Recurring revenue that left with customers or was cut, by cause, of the "
                    "months that are "
                    "shown.",
                    bars(
                        words("Cause", "cause_code"),
                        [measure("Lost", "-sum(amount)")],
                        ",.0f",
                        is_lying=True,
                    )
                    | money(currency)
                    | filters("movement_type in ('churn', 'contraction')", time=_MONTH),
                    width=5,
                    height=48,
                ),
            ),
            (
                Chart(
                    "Revenue kept of each year's new customers",
                    "retention_cohorts",
                    "Of the recurring revenue that new customers of a year began with, the "
                    "share that they "
                    "pay so many months later; above 100% they pay more than at first.",
                    grid(
                        "month_number",
                        column(
                            "First paid in",
                            "substring(cast(cohort_month_start_date as varchar), 1, 4)",
                        ),
                        measure("Kept", "1.0 * sum(retained_mrr) / nullif(sum(first_mrr), 0)"),
                        ",.0%",
                    )
                    | filters("month_number <= 12"),
                    width=12,
                    height=44,
                ),
            ),
            (
                Chart(
                    f"The bridge of each month ({currency})",
                    "recurring_revenue_monthly",
                    "What each month opened with, what moved and what it closed with, and the "
                    "share of "
                    "revenue and customers that was kept. Newest month first.",
                    table(
                        [_MONTH, *_BRIDGE, *_RATIOS],
                        dict.fromkeys(_BRIDGE, ",.0f") | dict.fromkeys(_RATIOS, ",.1%"),
                        [(_MONTH, False)],
                    )
                    | filters("segment_type = 'all'", "currency_type = 'reporting'", time=_MONTH),
                    width=12,
                    height=60,
                ),
            ),
        ),
    )
