-- One row per sample, segment and group of customers: sums of products of its variables, two by two.
{%- set positions = chain_positions() %}
with

centred as (

    select
        *,
        case when row_in_customer = 1 then 1 else 0 end as is_first_row,
        case when row_in_customer = 2 then 1 else 0 end as is_second_row

    from {{ ref('int_chain_rows_centred') }}

),

segmented as (

    {{ chain_segments(
        'centred',
        ['sample_code', 'variable_codes', 'customer_group', 'is_first_row', 'is_second_row', 'has_segments'],
    ) }}

),

final as (

    select
        sample_code,
        variable_codes,
        segment_type,
        segment_code,
        customer_group,
        {{ whole('sum(is_first_row)') }} as customer_count,
        {{ whole('sum(is_second_row)') }} as repeat_customer_count,
        count(*) as observation_count,
        {%- for left in range(1, positions + 1) %}
        {%- for right in range(left, positions + 1) %}
        cast(sum({{ exact_product('distance_' ~ left, 'distance_' ~ right) }}) as double)
        as within_{{ left }}_{{ right }},
        cast(sum({{ exact_product('value_' ~ left, 'value_' ~ right) }}) as double)
        as raw_{{ left }}_{{ right }}{{ ',' if not (left == positions and right == positions) }}
        {%- endfor %}
        {%- endfor %}

    from segmented

    group by
        sample_code,
        variable_codes,
        segment_type,
        segment_code,
        customer_group

)

select * from final
