"""Say and do: what customers say, whether they do it, and who is silent."""

from __future__ import annotations

from saydo.serve.superset.charts import (
    Chart,
    bars,
    column,
    filters,
    grid,
    latest,
    lines,
    measure,
    table,
    words,
)
from saydo.serve.superset.dashboards.dashboard import Dashboard

_MONTH = "month_start_date"
_EVERYBODY = "segment_type = 'all'"
_STAY = "question_role = 'stated_stay_intent'"


def _of_paying(name: str) -> str:
    """A share of paying customers, over several rows of them."""
    known = f"sum(case when {name} is not null then paying_count end)"
    return f"1.0 * sum({name} * paying_count) / nullif({known}, 0)"


def _score(title: str, code: str, shown_as: str, caption: str, description: str) -> Chart:
    settings = latest(code, _MONTH, shown_as, caption) | filters(_EVERYBODY, time=_MONTH)
    return Chart(title, "satisfaction_monthly", description, settings, width=3, height=24)


def dashboard() -> Dashboard:
    """The dashboard of what is said and done."""
    return Dashboard(
        "Say and do",
        "saydo-say-and-do",
        "What customers **say**, weighted to all active customers, and what they **do** in the "
        "90 days "
        "after. A month counts as soon as it has begun: the last one may not be over.",
        (
            (
                _score(
                    "Net promoter score",
                    "nps",
                    ",.1f",
                    "points, -100 to 100",
                    "Promoters less detractors of the last month with answers, weighted to the "
                    "active "
                    "customers, in points; and the months before it.",
                ),
                _score(
                    "Satisfied customers",
                    "csat",
                    ",.1%",
                    "top two answers, weighted",
                    "Share of the month's answers to the overall question in the top two of "
                    "their "
                    "scale, weighted to the active customers.",
                ),
                _score(
                    "Response ratio",
                    "response_ratio",
                    ",.1%",
                    "of those invited",
                    "Share of the customers invited to answer the overall question in the month "
                    "who "
                    "did.",
                ),
                Chart(
                    "Say-do gap",
                    "stated_vs_actual_monthly",
                    "Share of staying that paying customers stated, less the share who still "
                    "paid after "
                    "90 days, in points, of the last month whose 90 days are over. Above 0 they "
                    "say "
                    "more than they do.",
                    latest("say_do_gap", _MONTH, "+,.1f", "points; above 0: say more than do")
                    | filters(_EVERYBODY, "calibration_gap is not null", time=_MONTH),
                    width=3,
                    height=24,
                ),
            ),
            (
                Chart(
                    "Who says what and does what (customers)",
                    "customer_profiles",
                    "Customers by whether their latest answer was satisfied and whether they "
                    "then went on "
                    "paying as before, in the 90 days after. Satisfied customers who leave or "
                    "cut back "
                    "are the false fans.",
                    grid(
                        column(
                            "What they said",
                            "case when say_do_quadrant in ('true_fan', 'false_fan') "
                            "then 'said: satisfied' else 'said: not satisfied' end",
                        ),
                        column(
                            "What they did",
                            "case when say_do_quadrant in ('true_fan', 'loyal_complainer') "
                            "then 'did: stayed and kept spending' else 'did: left or spent "
                            "less' end",
                        ),
                        measure("Customers", "count(*)"),
                        ",d",
                    )
                    | filters("say_do_quadrant is not null"),
                    width=5,
                    height=44,
                ),
                Chart(
                    "Say-do quadrants by month (answers)",
                    "stated_vs_actual",
                    "Answers to the overall question whose 90 days are over, by month and by "
                    "what was said "
                    "and done.",
                    bars(
                        _MONTH,
                        [measure("Answers", "count(*)")],
                        ",d",
                        by=[words("Quadrant", "say_do_quadrant")],
                        is_monthly=True,
                        is_stacked=True,
                    )
                    | filters(
                        "question_role = 'overall_satisfaction'",
                        "say_do_quadrant is not null",
                        time=_MONTH,
                    ),
                    width=7,
                    height=44,
                ),
            ),
            (
                Chart(
                    "Do they stay as they say? (share of paying)",
                    "stated_vs_actual_monthly",
                    "Paying customers by how likely they said they stay: the share of staying "
                    "that they "
                    "stated, and the share who still paid after 90 days.",
                    bars(
                        words("What they said", "stated_band"),
                        [
                            measure("Stated", _of_paying("stated_ratio")),
                            measure("Actual", _of_paying("stay_ratio")),
                        ],
                        ",.0%",
                    )
                    | filters(_EVERYBODY, _STAY, time=_MONTH),
                    width=4,
                    height=44,
                ),
                Chart(
                    "Do the silent stay? (share still paying)",
                    "survey_groups_monthly",
                    "Share of paying customers who still paid after 90 days, by month: who "
                    "answered, who "
                    "was asked and silent, and who was by chance not asked.",
                    lines(
                        _MONTH,
                        [
                            measure(
                                "Stayed", "1.0 * sum(staying_count) / nullif(sum(paying_count), 0)"
                            )
                        ],
                        ",.1%",
                        by=[words("Group", "group_type")],
                    )
                    | filters("not is_pending", "group_type <> 'invited'", time=_MONTH),
                    width=4,
                    height=44,
                ),
                Chart(
                    "What moves satisfaction (points of 0-10)",
                    "satisfaction_drivers",
                    "What each band of a feature adds to the predicted satisfaction of a "
                    "customer, or takes "
                    "away: the strongest of either kind.",
                    bars(
                        column(
                            "Feature",
                            "case when is_intercept then 'too few answers to predict from' "
                            "else replace(feature || ': ' || band, '_', ' ') end",
                        ),
                        [measure("Points", "sum(points)")],
                        "+,.2f",
                        is_lying=True,
                    )
                    # Without a scorecard no band has points: its one row says so.
                    | filters("points is null = is_intercept", "coalesce(abs(points), 1) >= 0.3"),
                    width=4,
                    height=44,
                ),
            ),
            (
                Chart(
                    "Net promoter score by segment, month by month",
                    "satisfaction_monthly",
                    "The weighted score of each month, region, plan, tenure, age and "
                    "experience, with its "
                    "standard error; segments of too few answers are left out. Newest month "
                    "first.",
                    table(
                        [
                            _MONTH,
                            words("Segments", "segment_type"),
                            words("Segment", "segment_code"),
                            "nps",
                            "nps_standard_error",
                            "change_from_previous",
                            "response_count",
                        ],
                        {
                            "nps": ",.1f",
                            "nps_standard_error": ",.1f",
                            "change_from_previous": "+,.1f",
                            "response_count": ",d",
                        },
                        [(_MONTH, False), ("nps", True)],
                    )
                    | filters(
                        "question_role = 'recommend'",
                        "nps is not null",
                        "not is_small_cell",
                        time=_MONTH,
                    ),
                    width=12,
                    height=56,
                ),
            ),
        ),
    )
