-- One row per sample, segment, group of customers and month: sums of its variables.
{%- set positions = chain_positions() %}
with

centred as (

    select * from {{ ref('int_chain_rows_centred') }}

),

segmented as (

    {{ chain_segments(
        'centred',
        ['sample_code', 'customer_group', 'month_start_date', 'root_weight', 'weight', 'has_segments'],
    ) }}

),

final as (

    select
        sample_code,
        segment_type,
        segment_code,
        customer_group,
        month_start_date,
        count(*) as observation_count,
        cast(sum(weight) as double) as total_weight,
        {%- for position in range(1, positions + 1) %}
        cast(sum({{ exact_product('root_weight', 'distance_' ~ position) }}) as double) as within_{{ position }},
        cast(sum({{ exact_product('root_weight', 'value_' ~ position) }}) as double) as raw_{{ position }}{{ ',' if not loop.last }}
        {%- endfor %}

    from segmented

    group by
        sample_code,
        segment_type,
        segment_code,
        customer_group,
        month_start_date

)

select * from final
