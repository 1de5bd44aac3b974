-- One row per sample, segment, group of customers and month: sums of its variables.
{%- set positions = range(1, chain_positions() + 1) %}
with

centred as (

    select * from {{ ref('int_chain_rows_centred') }}

),

units as (

    select * from {{ ref('int_chain_units_measured') }}

),

segmented as (

    {{ chain_segments('centred', ['sample_code', 'customer_group', 'month_start_date', 'root_weight', 'has_segments']) }}

),

summed as (

    select
        sample_code,
        segment_type,
        segment_code,
        customer_group,
        month_start_date,
        {{ nearest_double('sum(root_weight * root_weight)') }} as total_weight,
        {%- for position in positions %}
        {{ nearest_double('sum(root_weight * distance_' ~ position ~ ')') }} as within_{{ position }},
        {{ nearest_double('sum(root_weight * value_' ~ position ~ ')') }} as raw_{{ position }},
        {%- endfor %}
        count(*) as observation_count

    from segmented

    group by
        sample_code,
        segment_type,
        segment_code,
        customer_group,
        month_start_date

),

final as (

    select
        summed.sample_code,
        summed.segment_type,
        summed.segment_code,
        summed.customer_group,
        summed.month_start_date,
        summed.total_weight,
        {%- for position in positions %}
        summed.within_{{ position }} * units.unit_{{ position }} as within_{{ position }},
        summed.raw_{{ position }} * units.unit_{{ position }} as raw_{{ position }},
        {%- endfor %}
        summed.observation_count

    from summed

    inner join units
        on summed.sample_code = units.sample_code

)

select * from final
