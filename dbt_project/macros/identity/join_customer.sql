{#- The one way from a fact to its customer: by (id_type, id_key) and the fact's time.

    {{ join_customer('events', at='events.occurred_at') }}     an instant, UTC
    {{ join_customer('usage', day='usage.usage_date') }}        a business day: its last owner

    Adds a left join aliased `owners`; read the customer with {{ owner_customer_id() }}, which gives
    'unknown' where no customer owned the identifier then. A fact never becomes two: spans of one identifier
    that are not shared do not overlap, which a test of int_identifiers_resolved checks, and shared spans are left out. -#}
{% macro join_customer(relation, at=none, day=none) -%}
    {%- if (at is none) == (day is none) -%}
        {{ exceptions.raise_compiler_error("join_customer needs `at` (an instant) or `day` (a date), one of them") }}
    {%- endif -%}
    left join (

        select
            id_type,
            id_key,
            customer_id,
            {%- if day is none %}
            coalesce(valid_from_at, {{ saydo.beginning_of_time() }}) as owned_from,
            coalesce(valid_to_at, {{ saydo.end_of_time() }}) as owned_to
            {%- else %}
            valid_from_date as owned_from,
            valid_to_date as owned_to
            {%- endif %}

        from {{ ref('int_identifiers_resolved') }}

        where not is_shared

    ) as owners
        on
            {{ relation }}.id_type = owners.id_type
            and {{ relation }}.id_key = owners.id_key
            and {{ at or day }} >= owners.owned_from
            and {{ at or day }} < owners.owned_to
{%- endmacro %}

{#- Customer of the joined fact; the unknown member where nobody owned it. -#}
{% macro owner_customer_id() -%}
    coalesce(owners.customer_id, '{{ saydo.unknown_customer_id() }}')
{%- endmacro %}

{% macro unknown_customer_id() -%} unknown {%- endmacro %}
