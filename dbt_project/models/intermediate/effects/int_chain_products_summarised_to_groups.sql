-- One row per sample, segment and group of customers: sums of products of its variables, two by two.
{%- set positions = range(1, chain_positions() + 1) %}
with

centred as (

    select * from {{ ref('int_chain_rows_centred') }}

),

units as (

    select * from {{ ref('int_chain_units_measured') }}

),

segmented as (

    {{ chain_segments(
        'centred',
        ['sample_code', 'variable_codes', 'customer_group', 'is_first_row', 'is_repeated', 'has_segments'],
    ) }}

),

summed as (

    select
        sample_code,
        variable_codes,
        segment_type,
        segment_code,
        customer_group,
        {{ whole('sum(case when is_first_row then 1 else 0 end)') }} as customer_count,
        {{ whole('sum(case when is_first_row and is_repeated then 1 else 0 end)') }} as repeat_customer_count,
        {%- for left in positions %}
        {%- for right in positions if right >= left %}
        {{ nearest_double('sum(distance_' ~ left ~ ' * distance_' ~ right ~ ')') }} as within_{{ left }}_{{ right }},
        {{ nearest_double('sum(value_' ~ left ~ ' * value_' ~ right ~ ')') }} as raw_{{ left }}_{{ right }},
        {%- endfor %}
        {%- endfor %}
        count(*) as observation_count

    from segmented

    group by
        sample_code,
        variable_codes,
        segment_type,
        segment_code,
        customer_group

),

final as (

    select
        summed.sample_code,
        summed.variable_codes,
        summed.segment_type,
        summed.segment_code,
        summed.customer_group,
        summed.customer_count,
        summed.repeat_customer_count,
        {%- for left in positions %}
        {%- for right in positions if right >= left %}
        summed.within_{{ left }}_{{ right }} * units.unit_{{ left }} * units.unit_{{ right }}
        as within_{{ left }}_{{ right }},
        summed.raw_{{ left }}_{{ right }} * units.unit_{{ left }} * units.unit_{{ right }}
        as raw_{{ left }}_{{ right }},
        {%- endfor %}
        {%- endfor %}
        summed.observation_count

    from summed

    inner join units
        on summed.sample_code = units.sample_code

)

select * from final
