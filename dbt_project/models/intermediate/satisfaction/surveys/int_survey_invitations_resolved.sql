-- One row per invitation to a survey that went out, with its customer.
{{ config(materialized='view') }}
with

invitations as (

    select * from {{ ref('stg_survey__invitations') }}

    -- Not sampled means that nobody was asked.
    where status <> 'not_sampled'

),

final as (

    select
        invitations.invitation_id,
        {{ owner_customer_id() }} as customer_id,
        invitations.survey_code,
        invitations.design_weight,
        {{ business_month('invitations.invited_at') }} as month_start_date,
        invitations.invited_at

    from invitations

    {{ join_customer('invitations', at='invitations.invited_at') }}

)

select * from final
