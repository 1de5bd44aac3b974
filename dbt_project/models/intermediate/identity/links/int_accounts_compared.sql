-- One row per pair of accounts that hold an identifier in common or are proposed (account_key, other_account_key).
{{ config(enabled=var('policy').linkage.is_on) }}
with

final as (

    {{ compared_accounts() }}

)

select * from final
