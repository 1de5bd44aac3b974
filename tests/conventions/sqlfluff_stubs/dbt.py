"""Stand-ins for dbt's cross-database macros: the linter reads models without a warehouse."""


def generate_series(upper_bound: int) -> str:
    """A query of one integer column, as dbt's macro renders."""
    return "select 1 as generated_number"


def dateadd(datepart: str, interval: str, from_date_or_timestamp: str) -> str:
    """An expression."""
    return f"dateadd({from_date_or_timestamp})"


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    """An expression."""
    return f"datediff({first_date}, {second_date})"


def date_trunc(datepart: str, date: str) -> str:
    """An expression."""
    return f"datetrunc({date})"
