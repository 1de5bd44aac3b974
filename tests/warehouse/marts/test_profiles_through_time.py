"""What the versions say of a day is what a run for that day says, now and then.

Of a day D, customer by customer (the same accounts in both builds):

- a run for D over everything that is known now publishes what the versions say of D;
- the run on D published the same, if nothing due by D came later. Late rows stand at their own
  time: what they change of D is a restatement.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import duckdb
import jinja2
import pytest
from conftest import LEFT_OUT, build
from late_business import DAYS, ZONE, LateBusiness
from small_home import PROJECT

ATTRIBUTES = ("plan_code", "region_code", "customer_type", "satisfaction_band", "customer_status")
# Profiles tell no plan: here it is the one of the subscription that started last.
PROFILES = """
    select profiles.*, plans.plan_code
    from marts.customer_profiles as profiles
    left join (
        select customer_id, arg_max(product_code, (started_at, subscription_id)) as plan_code
        from intermediate.int_subscriptions_resolved
        where product_type = 'plan'
        group by customer_id
    ) as plans using (customer_id)
"""
TIME = PROJECT / "macros" / "time"
MODELS = ("--exclude", "customer_events", *LEFT_OUT[1])


def as_of(day: str, zone: str, *relation: str) -> str:
    """The predicate that the macro of that name makes."""
    names = SimpleNamespace()

    def refuse(message):
        raise ValueError(message)

    tools = {
        "saydo": names,
        "var": {"business_timezone": zone}.get,
        "modules": SimpleNamespace(
            re=__import__("re"), datetime=SimpleNamespace(date=date, timedelta=timedelta)
        ),
        "exceptions": SimpleNamespace(raise_compiler_error=refuse),
    }
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
    calendar, spans = (
        environment.from_string((TIME / f"{file}.sql").read_text(), globals=tools).module
        for file in ("business_time", "as_of")
    )
    names.business_time = calendar.duckdb__business_time
    names.start_of_day = calendar.duckdb__start_of_day
    return spans.as_of(day, *relation)


def variables(day: date) -> dict[str, str]:
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(ZONE)).astimezone(UTC)
    return {
        "as_of_date": day.isoformat(),
        "as_of_end_at": f"{end:%Y-%m-%d %H:%M:%S}",
        "business_timezone": ZONE,
    }


def profiles(home) -> dict[frozenset[str], tuple]:
    """Attributes of each customer, by its accounts: ids change when persons merge."""
    accounts = accounts_of(home)
    return {
        accounts[row["customer_id"]]: tuple(row[name] for name in ATTRIBUTES)
        for row in home.rows(PROFILES)
    }


def accounts_of(home) -> dict[str, frozenset[str]]:
    held = defaultdict(set)
    for row in home.rows("select customer_id, account_key from intermediate.int_accounts_resolved"):
        held[row["customer_id"]].add(row["account_key"])
    return {customer: frozenset(keys) for customer, keys in held.items()}


def owned(home, day: date) -> dict[frozenset[str], set[tuple]]:
    """What each customer owned by the end of a day: spans of identifiers, cut off there."""
    end, accounts, spans = variables(day)["as_of_end_at"], accounts_of(home), defaultdict(set)
    for row in home.rows(
        "select customer_id, id_type, id_key, valid_from_at, least(coalesce(valid_to_at, "
        f"timestamp '{end}'), timestamp '{end}') as valid_to_at "
        "from intermediate.int_identifiers_resolved where not is_shared "
        f"and coalesce(valid_from_at, timestamp '0001-01-01') < timestamp '{end}'"
    ):
        spans[accounts[row.pop("customer_id")]].add(tuple(row.values()))
    return spans


@pytest.fixture(scope="module")
def told(dbt, make_home):
    """By day: what its run published, what a run for it publishes now, what the versions say."""
    business, home = LateBusiness(5), make_home("late_business")
    told = {day: SimpleNamespace() for day in DAYS}
    for day in DAYS:
        business.deliver(home, day)
        build(dbt, home, variables(day), *MODELS)
        home.keep_registry()
        told[day].then, told[day].owned_then = profiles(home), owned(home, day)
    accounts = accounts_of(home)
    keys = defaultdict(set)
    for row in home.rows(
        "select account_key, id_key from staging.stg_identity__account_identifiers"
    ):
        keys[row["account_key"]].add(row["id_key"])
    for day in DAYS:
        told[day].owned = owned(home, day)
        late = business.late_keys(day)
        told[day].late = {
            held
            for held in accounts.values()
            if late & (held | {key for account in held for key in keys[account]})
        }
        told[day].versions = {
            accounts[row["customer_id"]]: tuple(row[name] for name in ATTRIBUTES)
            for row in home.rows(
                f"select * from marts.customer_profile_versions where {as_of(str(day), ZONE)}"
            )
        }
    for day in DAYS:
        build(dbt, home, variables(day), *MODELS, "--full-refresh")
        told[day].now, told[day].owned_now = profiles(home), owned(home, day)
    return told


@pytest.mark.parametrize("day", DAYS)
def test_a_run_for_a_day_publishes_what_the_versions_say_of_it(told, day):
    of_day = told[day]
    same = {c for c in of_day.now if of_day.owned_now.get(c) == of_day.owned.get(c)}
    compared = same & of_day.versions.keys()
    assert {c: of_day.versions[c] for c in compared} == {c: of_day.now[c] for c in compared}
    assert len(compared) > 0.9 * len(of_day.versions)


@pytest.mark.parametrize("day", DAYS)
def test_the_run_on_a_day_published_that_of_all_whose_rows_had_come(told, day):
    of_day = told[day]
    same = {c for c in of_day.then if of_day.owned_then.get(c) == of_day.owned.get(c)}
    compared = (same & of_day.versions.keys()) - of_day.late
    assert {c: of_day.versions[c] for c in compared} == {c: of_day.then[c] for c in compared}
    assert len(compared) > 0.5 * len(of_day.versions)


def test_late_rows_change_what_is_said_of_past_days_and_not_of_the_last(told):
    changed = {
        day: [
            c
            for c in told[day].then.keys() & told[day].versions.keys()
            if told[day].then[c] != told[day].versions[c]
        ]
        for day in DAYS
    }
    assert changed[DAYS[0]] and changed[DAYS[1]] and not changed[DAYS[2]]


def test_attributes_of_every_kind_change_in_these_histories(told):
    before, last = told[DAYS[0]].versions, told[DAYS[2]].versions
    for position, name in enumerate(ATTRIBUTES):
        changed = [c for c in before if c in last and before[c][position] != last[c][position]]
        assert len(changed) > 2, name


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "America/Havana", "UTC"])
def test_a_day_is_asked_for_as_it_was_at_its_end_where_the_business_is(zone):
    for day in (date(2025, 3, 8), date(2025, 3, 9), date(2025, 11, 1), date(2024, 2, 29)):
        end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
        end = end.replace(tzinfo=None)
        second = timedelta(seconds=1)
        spans = [
            (None, None), (end - second, None), (end, None), (None, end), (None, end - second),
            (end - second, end),
        ]  # fmt: skip
        rows = ", ".join(
            f"({n}, {', '.join('null' if at is None else repr(str(at)) for at in span)})"
            for n, span in enumerate(spans)
        )
        found = duckdb.sql(
            "select number from (select number, valid_from_at::timestamp as valid_from_at, "
            f"valid_to_at::timestamp as valid_to_at from (values {rows}) "
            "as told (number, valid_from_at, valid_to_at)) as spans "
            f"where {as_of(str(day), zone, 'spans')} order by number"
        ).fetchall()
        assert [number for (number,) in found] == [0, 1, 3, 5]


@pytest.mark.parametrize("day", ["2025-3-9", "2025-02-30", "'; drop", "20250309", ""])
def test_what_is_no_day_is_refused(day):
    with pytest.raises(ValueError, match=r"YYYY-MM-DD|day is out of range|day .* must be"):
        as_of(day, ZONE)
