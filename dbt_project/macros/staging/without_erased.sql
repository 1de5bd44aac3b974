{#- Persons who asked to be erased. Whatever arrives of them again is left out of staging, whenever
    it arrives and whatever the as-of date: the request is not an event of the business. -#}

{#- Identifier spans by which facts of erased persons arrive, from CTEs of the model: `requests`
    (newest version of each), `recorded` (answers given once, when the person was erased) and
    `spans` (of the identifiers concerned, in their newest version, without nulls). -#}

{#- A request without a recorded answer is about whoever held the identifier when asking, else held
    it last (people ask after they have left). Where several did, all of them are left out until the
    request is answered: that can be taken back, publishing cannot. -#}
{% macro unanswered_holders() -%}
    select account_key

    from (

        select
            spans.account_key,
            rank() over (
                partition by requests.request_id
                order by
                    case
                        when spans.ends_at > requests.requested_at then requests.requested_at
                        else spans.ends_at
                    end desc
            ) as recency

        from requests

        inner join spans
            on
                requests.id_type = spans.id_type
                and requests.id_key = spans.id_key
                and requests.requested_at >= spans.begins_at

        left join recorded
            on
                requests.request_id = recorded.request_id
                and requests.id_type = recorded.id_type
                and requests.id_key = recorded.id_key

        where
            requests.id_type <> 'account_id'
            and recorded.request_id is null

    ) as holders

    where recency = 1
{%- endmacro %}

{#- Identifiers that a request names, or that an account it may be about had. Raw rows of theirs are all
    that is ranked and joined, however many identifiers there are. -#}
{% macro concerned_identifiers() -%}
    select
        delivered.id_type,
        delivered.id_key

    from {{ source('raw', 'account_identifiers') }} as delivered

    where
        delivered.account_key in (

            select named.account_key

            from {{ source('raw', 'account_identifiers') }} as named

            inner join requests
                on
                    named.id_type = requests.id_type
                    and named.id_key = requests.id_key

            union

            select id_key as account_key
            from requests

            where id_type = 'account_id'

            union

            select account_key
            from recorded

        )

    group by
        delivered.id_type,
        delivered.id_key
{%- endmacro %}

{#- Newest spans of the identifiers in `concerned`. -#}
{% macro concerned_spans() -%}
    select
        account_key,
        id_type,
        id_key,
        coalesce(valid_from_at, {{ saydo.beginning_of_time() }}) as begins_at,
        coalesce(valid_to_at, {{ saydo.end_of_time() }}) as ends_at

    from (

        {{ saydo.newest_rows(
            'account_identifiers',
            ['account_key', 'id_type', 'id_key', 'valid_from_at'],
            known='(delivered.id_type, delivered.id_key) in (select id_type, id_key from concerned)'
        ) }}

    ) as versions
{%- endmacro %}

{#- `open_spans` with an open end that stops where another account begins: what arrives after that
    is the next holder's. -#}
{% macro ended_spans() -%}
    select
        mine.account_key,
        mine.id_type,
        mine.id_key,
        mine.begins_at,
        coalesce(min(others.begins_at), mine.ends_at) as ends_at

    from open_spans as mine

    left join open_spans as others
        on
            mine.id_type = others.id_type
            and mine.id_key = others.id_key
            and mine.account_key <> others.account_key
            and mine.begins_at < others.begins_at
            and mine.ends_at = {{ saydo.end_of_time() }}

    group by
        mine.account_key,
        mine.id_type,
        mine.id_key,
        mine.begins_at,
        mine.ends_at
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
