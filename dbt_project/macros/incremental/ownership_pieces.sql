{#- Identifier x month x span of one owner, only for months inside which an ownership begins or ends.

    Facts are summed per identifier and month before they are joined to a customer, so that a merge
    of customers never re-reads them. A month that changes hands is cut, and each piece is joined by
    the time of its first fact. `unit`: `at` (instants) or `date` (business days). -#}
{% macro ownership_pieces(unit) -%}
    {%- set first = beginning_of_time() if unit == 'at' else beginning_of_days() %}
    {%- set last = end_of_time() if unit == 'at' else end_of_days() %}
    select
        id_type,
        id_key,
        month_start_date,
        piece_from,
        coalesce(
            lead(piece_from) over (
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

        where
            not is_shared
            and valid_{{ edge }}_date > {{ beginning_of_days() }}
            and valid_{{ edge }}_date < {{ end_of_days() }}

        -- One cut where one ownership ends and the next begins.
        union

        -- What lies before the first cut of the month.
        select
            id_type,
            id_key,
            {{ month_start('valid_' ~ edge ~ '_date') }} as month_start_date,
            {{ first }} as piece_from

        from {{ ref('int_identifiers_resolved') }}

        where
            not is_shared
            and valid_{{ edge }}_date > {{ beginning_of_days() }}
            and valid_{{ edge }}_date < {{ end_of_days() }}

        {%- if not loop.last %}

        union
        {%- endif %}
        {%- endfor %}

    ) as cuts
{%- endmacro %}
