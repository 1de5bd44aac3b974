-- One row per version of an account (account_key, updated_at).
{{ config(materialized='table') }}
with

newest as (

    {{ standing_rows('accounts') }}

),

kept as (

    {{ without_erased_accounts('newest') }}

),

final as (

    select
        account_key,
        opened_at,
        stood_to_at as closed_at,
        customer_type,
        birth_year,
        region_code,
        segment_code,
        has_analytics_consent,
        has_marketing_consent,
        updated_at,
        given_name_key,
        birth_date_key,
        _batch_id,
        _feed,
        _silent_batch_id

    from kept

    where opened_at is null or {{ happened_by_as_of('opened_at') }}

)

select * from final
