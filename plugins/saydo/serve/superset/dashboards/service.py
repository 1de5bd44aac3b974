"""Service and the chain: what customers get, what it does to what they say, and that to money."""

from __future__ import annotations

from saydo.serve.superset.charts import (
    Chart,
    bars,
    column,
    filters,
    latest,
    measure,
    number,
    points,
    table,
    words,
)
from saydo.serve.superset.dashboards.dashboard import Dashboard

_MONTH = "month_start_date"
_WHY_NOT = column("Why there is no figure", "coalesce(not_publishable_reason, '')")


def _known(name: str) -> str:
    """SQL of a figure, empty where it may not be believed."""
    return f"case when is_publishable then {name} end"


def _interval(estimate: str) -> dict[str, str]:
    """SQL of an estimate and of the ends of its 95% interval, by what they are called."""
    return {
        "Low end (95%)": _known("ci_low"),
        "Estimate": _known(estimate),
        "High end (95%)": _known("ci_high"),
    }


def _points(name: str, estimate: str, shown_as: str) -> dict:
    """Estimates of categories within their intervals; what is not known is one, without points."""
    told = f"replace({name}, '_', ' ')"
    where = f"case when is_publishable then {told} else 'not known: see the tables below' end"
    return points(
        column("Where", where),
        [measure(label, f"sum({sql})") for label, sql in _interval(estimate).items()],
        shown_as,
    )


def _columns(estimate: str) -> list[dict]:
    return [column(label, sql) for label, sql in _interval(estimate).items()]


def _band(title: str, settings: dict, description: str) -> Chart:
    known = filters("experience_band is not null", time=_MONTH)
    return Chart(title, "customer_months", description, settings | known, width=4, height=40)


def dashboard(currency: str) -> Dashboard:
    """The dashboard of service and what follows from it."""
    band = column(
        "Service",
        "case experience_band when 'poor' then '1 poor' when 'fair' then '2 fair' else '3 good' "
        "end",
    )
    return Dashboard(
        "Service and the chain",
        "saydo-service-and-the-chain",
        "What customers **get** from the network, what that does to what they **say**, and what "
        "that does to "
        "what they **pay**. Effects are of changes within customers, with 95% intervals; "
        "docs/effects.md of "
        "the project says how they are known. Where a figure is missing, the tables at the end "
        "say **why**.",
        (
            (
                Chart(
                    "Experience score",
                    "customer_months",
                    "Mean experience score of the last month over the customers who have one, 0 "
                    "(poor) to "
                    "100 (good); and the months before it.",
                    latest("experience_score", _MONTH, ",.1f", "of 100, mean of customers")
                    | filters("experience_score is not null", time=_MONTH),
                    width=4,
                    height=24,
                ),
                Chart(
                    "What 10 points of service do to satisfaction",
                    "experience_effects",
                    "By how much satisfaction (0-10) moves in the same month when the "
                    "experience score of a "
                    "customer moves by 10 points.",
                    number(
                        measure("Effect", "sum(estimate)"),
                        "+,.2f",
                        "points of satisfaction (0-10), same month",
                    )
                    | filters(
                        "link = 'service_to_satisfaction'",
                        "band = 'all'",
                        "lag_months = 0",
                        "is_publishable",
                    ),
                    width=4,
                    height=24,
                ),
                Chart(
                    f"What a point of satisfaction is worth ({currency})",
                    "experience_effects",
                    "By how much a customer's monthly revenue moves in the month after "
                    "satisfaction (0-10) moved "
                    "by one point.",
                    number(
                        measure("Effect", "sum(estimate)"),
                        "+,.2f",
                        f"{currency} a month per customer, a month later",
                    )
                    | filters(
                        "link = 'satisfaction_to_revenue'",
                        "band = 'all'",
                        "lag_months = 1",
                        "is_publishable",
                    ),
                    width=4,
                    height=24,
                ),
            ),
            (
                _band(
                    "Satisfaction by service (0-10)",
                    bars(band, [measure("Satisfaction", "avg(satisfaction_score)")], ",.1f"),
                    "Mean satisfaction of customers who answered, by the service that they got "
                    "in the month.",
                ),
                _band(
                    "Churn by service (share of the month)",
                    bars(band, ["churn"], ",.1%"),
                    "Share of paying customers who left in the month, by the service that they "
                    "got in it. This is "
                    "a comparison of customers, not yet an effect.",
                ),
                _band(
                    "Customers by service, month by month",
                    bars(
                        _MONTH,
                        [measure("Customers", "count(*)")],
                        ",d",
                        by=["experience_band"],
                        is_monthly=True,
                        is_stacked=True,
                    ),
                    "Customers with an experience score, by whether the month's service was "
                    "good, fair or poor.",
                ),
            ),
            (
                Chart(
                    f"What a point of satisfaction does to revenue ({currency})",
                    "experience_effects",
                    "Change of a customer's monthly revenue per point of satisfaction, a month "
                    "later, below and "
                    "above the edge of indifference, with the ends of the 95% interval.",
                    _points("band", "estimate", "+,.2f")
                    | filters(
                        "link = 'satisfaction_to_revenue'",
                        "band in ('below_edge', 'above_edge', 'all')",
                    ),
                    width=6,
                    height=44,
                ),
                Chart(
                    f"Revenue at stake if service dips ({currency} a month)",
                    "revenue_at_stake",
                    "What recurring revenue would move by a month if service dipped, by "
                    "satisfaction band of active "
                    "customers, with the ends of the 95% interval.",
                    _points("band", "monthly_revenue_effect", "+,.0f")
                    | filters("scenario_code = 'service_dip'", "customer_count > 0"),
                    width=6,
                    height=44,
                ),
            ),
            (
                Chart(
                    "The chain, link by link",
                    "experience_effects",
                    "What one link does to the next, in its own unit, with the 95% interval and "
                    "the customers that it is known from, or why that is not published.",
                    table(
                        [
                            words("Link", "link"),
                            words("Where", "band"),
                            "lag_months",
                            *_columns("estimate"),
                            "unit",
                            "customer_count",
                            _WHY_NOT,
                        ],
                        dict.fromkeys(_interval("estimate"), "+,.3f") | {"customer_count": ",d"},
                        [
                            ("is_publishable", False),
                            ("link", True),
                            ("lag_months", True),
                            ("band", True),
                        ],
                        page=12,
                    ),
                    width=12,
                    height=68,
                ),
            ),
            (
                Chart(
                    f"Revenue at stake, scenario by scenario ({currency} a month)",
                    "revenue_at_stake",
                    "What recurring revenue moves by if service dips, satisfaction rises or a "
                    "measure of the "
                    "network improves, by satisfaction band, the largest first; or why that is "
                    "not published.",
                    table(
                        [
                            words("Scenario", "scenario_code"),
                            words("Satisfaction", "band"),
                            "customer_count",
                            "monthly_recurring_revenue",
                            *_columns("monthly_revenue_effect"),
                            "share_of_total",
                            _WHY_NOT,
                        ],
                        dict.fromkeys(_interval("monthly_revenue_effect"), ",.0f")
                        | {
                            "monthly_recurring_revenue": ",.0f",
                            "customer_count": ",d",
                            "share_of_total": ",.0%",
                        },
                        [("is_publishable", False), ("monthly_revenue_effect", False)],
                    )
                    | filters("customer_count > 0"),
                    width=12,
                    height=60,
                ),
            ),
        ),
    )
