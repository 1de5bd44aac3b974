-- One row per declared measure of network usage, counted over identifiers and months.
with

usage as (

    select
        usage.*,
        {{ owner_customer_id() }} as customer_id

    from {{ ref('int_network_usage_summarised_to_identifier_months') }} as usage

    {{ join_customer('usage', day='usage.first_usage_date') }}

),

counted as (

    select
        {%- for measure in var('measures') %}
        count({{ measure_parts(measure)[0] }}) as {{ measure.name }}_filled_count,
        max(case when {{ measure_parts(measure)[0] }} is not null then last_usage_date end) as {{ measure.name }}_last_date,
        {%- endfor %}
        {{ whole("coalesce(sum(case when customer_id <> '" ~ unknown_customer_id() ~ "' then 1 else 0 end), 0)") }} as matched_count,
        count(*) as row_count

    from usage

),

customers as (

    select count(*) as customer_count

    from {{ ref('int_network_usage_summarised_to_customers') }}

    where customer_id <> '{{ unknown_customer_id() }}'

),

final as (

    {%- for measure in var('measures') %}
    select
        '{{ usage_source() }}' as source,
        '{{ measure.name }}' as feature,
        counted.row_count,
        counted.{{ measure.name }}_filled_count as filled_count,
        counted.matched_count,
        case when counted.{{ measure.name }}_filled_count > 0 then customers.customer_count else 0 end as customer_count,
        {{ start_of_day('counted.' ~ measure.name ~ '_last_date') }} as last_event_at

    from counted

    cross join customers
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from final
