-- One row per customer, business day and site with an incident on it that the customer used or mostly uses (customer_id, incident_date, site_code).
{%- set usual = usual_site_days() %}
{%- set days = days_looked_back() | length + usual %}
{%- set reads_usage = is_delivered('network_incidents') %}
{%- set counted %}
    select
        {{ owner_customer_id() }} as customer_id,
        usage_days.site_code
        {%- for back in days_looked_back() %},
        sum(
            case
                when
                    usage_days.usage_date < {{ as_of_day_minus(back) }}
                    and usage_days.usage_date >= {{ as_of_day_minus(back + usual) }} then 1
                else 0
            end
        ) as day_count_{{ back }},
        max(case when usage_days.usage_date = {{ as_of_day_minus(back) }} then 1 else 0 end) as was_used_{{ back }}
        {%- endfor %}

    from {{ ref('int_network_usage_united_to_identifier_days') }} as usage_days

    {{ join_customer('usage_days', day='usage_days.usage_date') }}

    where
        {{ is_in_raw_months(months_of_days(days)) if reads_usage else 'false' }}
        and usage_days.usage_date > {{ as_of_day_minus(days) }}
        and usage_days.site_code is not null

    group by
        {{ owner_customer_id() }},
        usage_days.site_code
{%- endset %}
with

struck as (

    select
        site_code,
        incident_date

    from {{ ref('int_incidents_split_to_days') }}

    group by site_code, incident_date

),

-- One pass over the days of use, however many days are decided on.
counted as (

    {{ step('counted', counted) }}

),

by_day as (
    {%- for back in days_looked_back() %}

    select
        customer_id,
        site_code,
        {{ as_of_day_minus(back) }} as incident_date,
        day_count_{{ back }} as day_count,
        was_used_{{ back }} as was_used

    from counted

    where
        customer_id <> '{{ unknown_customer_id() }}'
        and day_count_{{ back }} + was_used_{{ back }} > 0
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

ranked as (

    select
        *,
        row_number() over (
            -- one row per customer_id, incident_date, site_code
            partition by customer_id, incident_date
            order by day_count desc, site_code asc
        ) as site_rank

    from by_day

),

final as (

    select
        ranked.customer_id,
        ranked.incident_date,
        ranked.site_code,
        ranked.site_rank = 1 and ranked.day_count > 0 as is_usual,
        ranked.was_used = 1 as was_used

    from ranked

    inner join struck
        on
            ranked.site_code = struck.site_code
            and ranked.incident_date = struck.incident_date

    where ranked.was_used = 1 or (ranked.site_rank = 1 and ranked.day_count > 0)

)

select * from final
