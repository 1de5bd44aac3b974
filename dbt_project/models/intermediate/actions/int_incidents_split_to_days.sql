-- One row per incident and business day that it reached into, of the days still decided on (incident_id, incident_date).
with

incidents as (

    select * from {{ ref('stg_network__incidents') }}

),

days as (
    {%- for back in days_looked_back() %}

    select
        {{ as_of_day_minus(back) }} as incident_date,
        {{ start_of_day(as_of_day_minus(back)) }} as begins_at,
        {{ start_of_day(as_of_day_minus(back - 1)) }} as ends_at
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

-- What has not ended lasts.
cut as (

    select
        incidents.incident_id,
        incidents.site_code,
        days.incident_date,
        greatest(incidents.started_at, days.begins_at) as from_at,
        least(coalesce(incidents.ended_at, days.ends_at), days.ends_at) as to_at

    from incidents

    inner join days
        on
            incidents.started_at < days.ends_at
            and coalesce(incidents.ended_at > days.begins_at, true)

),

final as (

    select
        incident_id,
        site_code,
        incident_date,
        {{ rounded(quotient(dbt.datediff('from_at', 'to_at', 'microsecond'), '60000000'), 6) }} as incident_minutes

    from cut

)

select * from final
