-- One row per customer with an account: the attributes of the account version known last.
with

versions as (

    select * from {{ ref('int_account_versions_spanned_to_customers') }}

),

final as (

    select
        customer_id,
        customer_type,
        region_code,
        {{ age_band('birth_year', as_of_date()) }} as age_band

    from versions

    where valid_to_at = {{ end_of_time() }}

)

select * from final
