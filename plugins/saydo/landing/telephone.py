"""Telephone numbers as digits with their calling code, as SQL.

The rules are those of libphonenumber's `parse` (github.com/google/libphonenumber), its metadata
applied by the engine: a million distinct numbers take a second, not a minute. What says its country
(+44…, 0044…, 44 (0)…) has the same digits whatever the country of the business.
"""

from __future__ import annotations

import re
from functools import cache

from saydo.sql import literal


@cache
def _rules(country: str) -> tuple[str, str, str, str, str]:
    """Calling code, prefixes of calls abroad and inside, what becomes of it, national pattern."""
    from phonenumbers import PhoneMetadata  # only where a country is given

    rules = PhoneMetadata.metadata_for_region(country, None)
    return (
        str(rules.country_code),
        rules.international_prefix or "00",
        rules.national_prefix_for_parsing or "",
        rules.national_prefix_transform_rule or "",
        rules.general_desc.national_number_pattern,
    )


def digits_sql(value: str) -> str:
    """The digits of a number as written, without `(0)`."""
    return f"regexp_replace(replace({value}, '(0)', ''), '[^0-9]', '', 'g')"


def number_sql(value: str, country: str | None) -> str:
    """The number with its calling code; what cannot be a number of the country stays as it is.

    Args:
        value: SQL of the number as written.
        country: where numbers are of that name no country (ISO 3166); None: they stay as they are.
    """
    digits = digits_sql(value)
    abroad = f"regexp_replace({digits}, '^00', '')"
    if country is None:
        return abroad
    code, idd, prefix, rule, national = _rules(country)
    local = _without_prefix(digits, prefix, rule)

    def fits(sql: str, pattern: str) -> str:
        return f"regexp_full_match({sql}, {literal(pattern)})"

    is_local = fits(digits, national)
    # Digits that may be either hold the code, where numbers without it have a prefix.
    is_whole = fits(digits, f"{code}(?:{national})") + ("" if prefix else f" and not {is_local}")
    # `(0)` after digits is what is not dialled from abroad: they are a calling code.
    says_country = f"contains({value}, '+') or regexp_matches({value}, '[0-9].*[(]0[)]')"
    return (
        f"case when {says_country} or starts_with({digits}, '00') then {abroad} "
        f"when regexp_matches({digits}, {literal(f'^(?:{idd})')}) and not {is_local} "
        f"then regexp_replace({digits}, {literal(f'^(?:{idd})')}, '') "
        f"when {is_whole} then {digits} "
        f"when {fits(local, national)} then '{code}' || {local} "
        f"when {is_local} then '{code}' || {digits} else {digits} end"
    )


def _without_prefix(digits: str, prefix: str, rule: str) -> str:
    """National digits without what is dialled before them inside the country only."""
    if not prefix:
        return digits
    pattern = literal(f"^(?:{prefix})")
    bare = f"regexp_replace({digits}, {pattern}, '')"
    if not rule:
        return bare
    last = re.compile(prefix).groups
    return (
        f"case when regexp_extract({digits}, {pattern}, {last}) <> '' "
        f"then regexp_replace({digits}, {pattern}, {literal(rule)}) else {bare} end"
    )
