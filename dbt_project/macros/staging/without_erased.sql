{#- Persons who asked to be erased. Whatever arrives of them again is left out of staging, whenever
    it arrives and whatever the as-of date: the request is not an event of the business. -#}

{#- Accounts that a request names, or that held the identifier it names: those who hold it when
    asking, else whoever held it last (people ask after they have left). Spans in their newest
    version, read for the requested identifiers and accounts only. -#}
{% macro erased_accounts() -%}
    select id_key as account_key

    from (

        {{ saydo.accepted_rows('erasure_requests') }}

    ) as requests

    where id_type = 'account_id'

    union

    select account_key

    from (

        select
            spans.account_key,
            rank() over (
                partition by requests.request_id, spans.id_type, spans.id_key
                order by
                    case
                        when spans.valid_to_at > requests.requested_at then requests.requested_at
                        else coalesce(spans.valid_to_at, requests.requested_at)
                    end desc
            ) as recency

        from (

            {{ saydo.accepted_rows('erasure_requests') }}

        ) as requests

        inner join (

            {{ saydo.newest_rows('account_identifiers', ['account_key', 'id_type', 'id_key', 'valid_from_at']) }}

        ) as spans
            on
                requests.id_type = spans.id_type
                and requests.id_key = spans.id_key
                and (spans.valid_from_at is null or spans.valid_from_at <= requests.requested_at)

    ) as holders

    where recency = 1
{%- endmacro %}

{#- Identifier spans by which facts of erased persons arrive. -#}
{% macro erased_identifiers() -%}
    select
        'account_id' as id_type,
        account_key as id_key,
        {{ saydo.beginning_of_time() }} as erased_from_at,
        {{ saydo.end_of_time() }} as erased_to_at

    from (

        {{ saydo.erased_accounts() }}

    ) as accounts

    union

    select
        spans.id_type,
        spans.id_key,
        coalesce(spans.valid_from_at, {{ saydo.beginning_of_time() }}) as erased_from_at,
        coalesce(spans.valid_to_at, {{ saydo.end_of_time() }}) as erased_to_at

    from (

        {{ saydo.newest_rows('account_identifiers', ['account_key', 'id_type', 'id_key', 'valid_from_at']) }}

    ) as spans

    inner join (

        {{ saydo.erased_accounts() }}

    ) as accounts
        on spans.account_key = accounts.account_key

    union

    select
        requests.id_type,
        requests.id_key,
        {{ saydo.beginning_of_time() }} as erased_from_at,
        {{ saydo.end_of_time() }} as erased_to_at

    from (

        {{ saydo.accepted_rows('erasure_requests') }}

    ) as requests

    left join (

        {{ saydo.accepted_rows('account_identifiers') }}

    ) as spans
        on
            requests.id_type = spans.id_type
            and requests.id_key = spans.id_key

    where spans.id_key is null
{%- endmacro %}

{#- Rows of a relation that are not of an erased person; `at` is the time at which the identifier
    says whose they are. The list is worked out once, in stg_identity__erased_identifiers. A left
    join, since a correlated `not exists` compares every row. -#}
{% macro without_erased(relation, at) -%}
    select {{ relation }}.*

    from {{ relation }}

    left join {{ ref('stg_identity__erased_identifiers') }} as erased
        on
            {{ relation }}.id_key = erased.id_key
            and {{ relation }}.id_type = erased.id_type
            and {{ relation }}.{{ at }} >= erased.erased_from_at
            and {{ relation }}.{{ at }} < erased.erased_to_at

    where erased.id_key is null
{%- endmacro %}

{#- The same for rows that name their account. -#}
{% macro without_erased_accounts(relation) -%}
    select {{ relation }}.*

    from {{ relation }}

    left join {{ ref('stg_identity__erased_identifiers') }} as erased
        on
            {{ relation }}.account_key = erased.id_key
            and erased.id_type = 'account_id'

    where erased.id_key is null
{%- endmacro %}
