-- One row per span in which an identifier belonged to an account (account_key, id_type, id_key, valid_from_at).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('account_key', ref('stg_identity__accounts_touched')) }}",
) }}
{%- set touched = ref('stg_identity__account_identifiers_touched') %}
with
{%- if identity_goes_on() %}

final as (

    select * from {{ touched }}

)
{%- else %}

newest as (

    {{ standing_rows('account_identifiers') }}

),

final as (

    {{ known_identifiers('newest') }}

)
{%- endif %}

select * from final
