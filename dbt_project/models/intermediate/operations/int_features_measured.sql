-- One row per canonical source and feature of it that the marts are made from.
with

accounts as (

    select * from {{ ref('int_account_versions_resolved') }}

),

invitations as (

    select * from {{ ref('int_survey_invitations_resolved') }}

),

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_resolved') }}

),

transactions as (

    select * from {{ ref('int_transactions_summarised_to_customers') }}

),

contacts as (

    select * from {{ ref('int_interactions_resolved') }}

),

identifiers as (

    select
        customer_id,
        coalesce(valid_from_at, quarantined_until_at) as happened_at

    from {{ ref('int_identifiers_resolved') }}

),

usage as (

    select
        customer_id,
        usage_count,
        {{ start_of_day('last_usage_date') }} as last_used_at

    from {{ ref('int_network_usage_summarised_to_customers') }}

),

final as (

    {%- for column in ['customer_type', 'birth_year', 'region_code', 'has_analytics_consent', 'has_marketing_consent'] %}
    {{ measured_feature('accounts', column, 'accounts', column ~ ' is not null', 'known_at') }}

    union all
    {% endfor %}
    {{ measured_feature('account_identifiers', 'ownership', 'identifiers', 'true', 'happened_at') }}

    union all

    {{ measured_feature('survey_invitations', 'invitation', 'invitations', 'true', 'invited_at') }}
    {%- for role in ['overall_satisfaction', 'recommend', 'stated_stay_intent'] %}

    union all

    {%- set is_asked = "question_role = '" ~ role ~ "'" %}
    {{ measured_feature('survey_responses', role, 'responses', is_asked ~ ' and score is not null',
        'case when ' ~ is_asked ~ ' then responded_at end', 'case when ' ~ is_asked ~ ' then 1 else 0 end') }}
    {%- endfor %}

    union all

    {{ measured_feature('subscriptions', 'recurring_amount', 'subscriptions', 'monthly_amount is not null', 'started_at') }}

    union all

    {{ measured_feature('transactions', 'amount', 'transactions', 'true', 'last_occurred_at', 'transaction_count') }}

    union all

    {{ measured_feature(usage_source(), 'usage', 'usage', 'true', 'last_used_at', 'usage_count') }}

    union all

    {{ measured_feature('interactions', 'contact', 'contacts', 'true', 'occurred_at') }}

)

select * from final
