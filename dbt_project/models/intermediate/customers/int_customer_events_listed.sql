-- One row per event of any source in a customer's life (source, event_type, event_id).
{{ config(materialized='view') }}
with

transactions as (

    select
        transactions.*,
        {{ owner_customer_id() }} as customer_id

    from {{ ref('int_transactions_converted') }} as transactions

    {{ join_customer('transactions', at='transactions.occurred_at') }}

    where transactions.transaction_type in ('{{ var("policy").events.transaction_types | join("', '") }}')

),

final as (

    select
        'subscriptions' as source,
        event_type,
        {{ dbt.concat(['subscription_id', "'@'", text('occurred_at')]) }} as event_id,
        customer_id,
        product_code as topic_code,
        amount,
        {{ number('null') }} as score,
        cast(null as boolean) as is_resolved,
        occurred_at

    from {{ ref('int_subscription_events_listed') }}

    union all

    select
        'transactions' as source,
        transaction_type as event_type,
        transaction_id as event_id,
        customer_id,
        {{ text('null') }} as topic_code,
        {{ money('amount') }} as amount,
        {{ number('null') }} as score,
        cast(null as boolean) as is_resolved,
        occurred_at

    from transactions

    union all

    select
        'survey_invitations' as source,
        'survey_invited' as event_type,
        invitation_id as event_id,
        customer_id,
        survey_code as topic_code,
        {{ money('null') }} as amount,
        {{ number('null') }} as score,
        cast(null as boolean) as is_resolved,
        invited_at as occurred_at

    from {{ ref('int_survey_invitations_resolved') }}

    union all

    select
        'survey_responses' as source,
        'survey_answered' as event_type,
        {{ dbt.concat(['response_id', "':'", 'question_code']) }} as event_id,
        customer_id,
        question_role as topic_code,
        {{ money('null') }} as amount,
        score,
        cast(null as boolean) as is_resolved,
        responded_at as occurred_at

    from {{ ref('int_survey_responses_resolved') }}

    union all

    select
        'interactions' as source,
        case when is_complaint then 'complaint' else 'contact' end as event_type,
        interaction_id as event_id,
        customer_id,
        topic_code,
        {{ money('null') }} as amount,
        {{ number('null') }} as score,
        is_resolved,
        occurred_at

    from {{ ref('int_interactions_resolved') }}

    union all

    select
        'network_usage_daily' as source,
        'fault_day' as event_type,
        {{ dbt.concat(['customer_id', "':'", text('usage_date')]) }} as event_id,
        customer_id,
        {{ text('null') }} as topic_code,
        {{ money('null') }} as amount,
        {{ number('null') }} as score,
        cast(null as boolean) as is_resolved,
        {{ start_of_day('usage_date') }} as occurred_at

    from {{ ref('int_outages_resolved_to_customer_days') }}

    where is_fault_day

)

select * from final
