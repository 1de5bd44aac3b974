{#- Identifier x month x span of one owner, only for months inside which an ownership begins or ends.

    Facts are summed per identifier and month before they are joined to a customer, so that a merge
    of customers never re-reads them. A month that changes hands is cut, and each piece is joined by
    the time of its first fact. `unit`: `at` (instants) or `date` (business days). `months`: the months
    wanted, none for all; `of_changed`: only of identifiers whose ownership differs from the last build. -#}
{% macro ownership_pieces(unit, months=none, of_changed=false) -%}
    {%- set first = beginning_of_time() if unit == 'at' else beginning_of_days() %}
    {%- set last = end_of_time() if unit == 'at' else end_of_days() %}
    select
        id_type,
        id_key,
        month_start_date,
        piece_from,
        coalesce(
            lead(piece_from) over (
                -- one row per id_type, id_key, month_start_date, piece_from
                partition by id_type, id_key, month_start_date
                order by piece_from
            ),
            {{ last }}
        ) as piece_to

    from (

        {%- for edge in ['from', 'to'] %}

        select
            id_type,
            id_key,
            {{ month_start('valid_' ~ edge ~ '_date') }} as month_start_date,
            valid_{{ edge }}_{{ unit }} as piece_from

        from {{ ref('int_identifiers_resolved') }}

        where {{ saydo.is_cut(edge, months, of_changed) }}

        -- One cut where one ownership ends and the next begins.
        union

        -- What lies before the first cut of the month.
        select
            id_type,
            id_key,
            {{ month_start('valid_' ~ edge ~ '_date') }} as month_start_date,
            {{ first }} as piece_from

        from {{ ref('int_identifiers_resolved') }}

        where {{ saydo.is_cut(edge, months, of_changed) }}

        {%- if not loop.last %}

        union
        {%- endif %}
        {%- endfor %}

    ) as cuts
{%- endmacro %}

{#- Facts of the CTE `relation`, each with the one of the CTE `pieces` that its time lies in; most months are
    not cut, and have none. -#}
{% macro join_pieces(relation, time) -%}
    left join pieces
        on
            {{ relation }}.id_type = pieces.id_type
            and {{ relation }}.id_key = pieces.id_key
            and {{ relation }}.month_start_date = pieces.month_start_date
            and {{ relation }}.{{ time }} >= pieces.piece_from
            and {{ relation }}.{{ time }} < pieces.piece_to
{%- endmacro %}

{#- Predicate: an ownership begins (`from`) or ends (`to`) inside one of the months. -#}
{% macro is_cut(edge, months, of_changed) -%}
    {%- set day = 'valid_' ~ edge ~ '_date' -%}
            not is_shared
            and {{ day }} > {{ saydo.beginning_of_days() }}
            and {{ day }} < {{ saydo.end_of_days() }}
            and {{ saydo.is_in_months(months) | replace('month_start_date', saydo.month_start(day)) }}
            {%- if of_changed %}
            and (id_type, id_key) in (
                select
                    changed.id_type,
                    changed.id_key

                from {{ ref('int_identifiers_changed') }} as changed
            )
            {%- endif %}
{%- endmacro %}
