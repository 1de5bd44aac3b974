-- One row per version of an account (account_key, updated_at).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('account_key', ref('stg_identity__accounts_touched')) }}",
) }}
{%- set key = ['account_key', 'updated_at'] %}
{%- set known = '(delivered.updated_at is null or ' ~ happened_by_as_of('delivered.updated_at') ~ ')' %}
{%- set of_touched = is_among('delivered.account_key', ref('stg_identity__accounts_touched')) %}
with

-- The few versions of touched accounts are all ranked.
newest as (

    {%- if identity_goes_on() %}

    {{ newest_of(accepted_rows('accounts', known ~ ' and ' ~ of_touched), key) }}
    {%- else %}

    {{ newest_rows('accounts', key, known=known) }}
    {%- endif %}

),

kept as (

    {{ without_erased_accounts('newest') }}

),

final as (

    select
        account_key,
        opened_at,
        closed_at,
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
        _feed

    from kept

    where opened_at is null or {{ happened_by_as_of('opened_at') }}

)

select * from final
