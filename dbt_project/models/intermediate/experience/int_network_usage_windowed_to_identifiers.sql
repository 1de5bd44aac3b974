-- One row per identifier, window of 30 or 90 days, and piece of the window's first month, which alone it sums.
with

usage as (

    select
        *,
        {{ month_start('usage_date') }} as month_start_date

    from {{ ref('int_network_usage_united_to_identifier_days') }}

    -- The two windows begin in different months, so a row is in the first month of one at most.
    where
        {%- for days in [30, 90] %}
        {{ 'or ' if not loop.first }}(_month = '{{ window_start(days)[:7] }}' and usage_date >= cast('{{ window_start(days) }}' as date))
        {%- endfor %}

),

pieces as (

    {{ ownership_pieces('date', [window_month(30), window_month(90)]) }}

),

final as (

    select
        usage.id_type,
        usage.id_key,
        case
            when usage.month_start_date = cast('{{ window_month(30) }}' as date) then 30
            else 90
        end as window_days,
        pieces.piece_from as piece_from_date,
        {{ reaggregate_measures('usage') }},
        {{ day_set('usage.usage_date') }} as day_set,
        min(usage.usage_date) as first_usage_date

    from usage

    {{ join_pieces('usage', 'usage_date') }}

    group by
        usage.id_type,
        usage.id_key,
        usage.month_start_date,
        pieces.piece_from

)

select * from final
