-- One row per customer and day on which an incident affected it: what was decided, or waits for the next decision.
{%- set policy = var('policy').recovery %}
with

faults as (

    select * from {{ ref('int_faults_attributed_to_customer_days') }}

),

credits as (

    select * from {{ ref('int_credits_resolved') }}

),

profiles as (

    select
        *,
        {{ 'true' if policy.consent == 'none' else 'has_' ~ policy.consent ~ '_consent' }} as has_consent

    from {{ ref('customer_profiles') }}

),

waiting as (

    select
        faults.*,
        profiles.satisfaction_band,
        profiles.currency_code,
        profiles.has_consent,
        {{ credit_amount('profiles.monthly_recurring_revenue', 'faults.fault_minutes') }} as credit_amount

    from faults

    inner join profiles
        on faults.customer_id = profiles.customer_id

    left join credits
        on
            faults.customer_id = credits.customer_id
            and faults.incident_date = credits.incident_date

    where
        profiles.customer_status = 'active'
        and credits.customer_id is null

),

decided as (

    select
        credits.*,
        profiles.has_consent

    from credits

    inner join profiles
        on credits.customer_id = profiles.customer_id

),

final as (
    {%- for relation in ['decided', 'waiting'] %}
    {%- set is_decided = relation == 'decided' %}

    select
        {{ relation }}.customer_id,
        {{ relation }}.incident_date,
        {{ relation }}.incident_id,
        {{ "decided.policy_code" if is_decided else "'recovery'" }} as policy_code,
        {{ whole("decided.policy_version" if is_decided else policy.version) }} as policy_version,
        {{ "decided.decision_id" if is_decided else "cast(null as " ~ dbt.type_string() ~ ")" }} as decision_id,
        {{ "decided.decision" if is_decided else "cast(null as " ~ dbt.type_string() ~ ")" }} as decision,
        {{ "decided.reason" if is_decided else "cast(null as " ~ dbt.type_string() ~ ")" }} as reason,
        {{ relation }}.satisfaction_band,
        {{ relation }}.currency_code,
        {{ "decided.release_id" if is_decided else "cast(null as " ~ dbt.type_string() ~ ")" }} as release_id,
        {{ relation }}.fault_minutes,
        {{ relation }}.credit_amount,
        {{ relation }}.is_measured,
        {{ relation }}.has_consent,
        {{ "decided.decided_at" if is_decided else "cast(null as timestamp)" }} as decided_at,
        {{ "decided.handed_over_at" if is_decided else "cast(null as timestamp)" }} as handed_over_at

    from {{ relation }}
    {%- if is_decided %}

    union all
    {%- endif %}
    {%- endfor %}

)

select * from final
