{#- `spans` with their first and last business day. Whose a day is on which the identifier changed hands, judged_days
    says; such a day is the first or the last of a span. -#}
{% macro dated_spans() -%}
    select
        spans.id_type,
        spans.id_key,
        spans.account_key,
        spans.valid_from_at,
        spans.valid_to_at,
        case
            when first_days.is_theirs then spans.first_date
            else {{ saydo.day_after('spans.first_date') }}
        end as valid_from_date,
        case
            when last_days.is_theirs then {{ saydo.day_after('spans.last_date') }}
            else spans.last_date
        end as valid_to_date

    from (

        {{ saydo.first_and_last_days('spans') }}

    ) as spans
    {%- for side in ['first', 'last'] %}

    inner join judged_days as {{ side }}_days
        on
            spans.id_type = {{ side }}_days.id_type
            and spans.id_key = {{ side }}_days.id_key
            and spans.account_key = {{ side }}_days.account_key
            and spans.{{ side }}_date = {{ side }}_days.held_date
    {%- endfor %}
{%- endmacro %}

{#- One row per identifier, account and day on which a span of the account begins or ends, with whether the day is the
    account's (`is_theirs`). It is if nobody held the identifier without the account on that day, or if the account held it
    alone after the last time that somebody did. Ownership (int_identifiers_resolved) gives such a day to its last
    customer. Which accounts are one customer is not known here; where that would decide, the day stays with the others. -#}
{% macro judged_days() -%}
    select
        days.id_type,
        days.id_key,
        days.account_key,
        days.held_date,
        coalesce(
            max(case when mine.account_key is null then pieces.valid_from_at end)
            < max(case when mine.account_key is not null and pieces.holding_count = 1 then pieces.valid_from_at end),
            max(case when mine.account_key is null then pieces.valid_from_at end) is null
        ) as is_theirs

    from (

        {{ saydo.boundary_days('spans', ['id_type', 'id_key', 'account_key']) }}

    ) as days

    inner join (

        {{ saydo.boundary_days('pieces', ['id_type', 'id_key', 'valid_from_at', 'valid_to_at', 'holding_count']) }}

    ) as pieces
        on
            days.id_type = pieces.id_type
            and days.id_key = pieces.id_key
            and days.held_date = pieces.held_date

    left join episodes as mine
        on
            days.id_type = mine.id_type
            and days.id_key = mine.id_key
            and days.account_key = mine.account_key
            and pieces.valid_from_at >= mine.valid_from_at
            and pieces.valid_to_at <= mine.valid_to_at

    group by
        days.id_type,
        days.id_key,
        days.account_key,
        days.held_date
{%- endmacro %}

{#- The first and the last business day of each row of a relation. -#}
{% macro boundary_days(relation, columns) -%}
    {%- for side in ['first', 'last'] %}
    {{ 'union' if not loop.first }}
    select
        {{ columns | join(', ') }},
        {{ side }}_date as held_date

    from (

        {{ saydo.first_and_last_days(relation) }}

    ) as {{ side }}_days
    {%- endfor %}
{%- endmacro %}

{% macro first_and_last_days(relation) -%}
    select
        days_of.*,
        {{ saydo.span_from_date('days_of.valid_from_at') }} as first_date,
        {{ saydo.day_before(saydo.span_to_date('days_of.valid_to_at')) }} as last_date

    from {{ relation }} as days_of
{%- endmacro %}
