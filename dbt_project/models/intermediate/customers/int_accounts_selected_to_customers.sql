-- One row per customer with an account: the attributes of the account version known last.
with

versions as (

    select * from {{ ref('int_account_versions_resolved') }}

),

numbered as (

    select
        *,
        row_number() over (
            -- one row per account_key, updated_at
            partition by customer_id
            order by known_at desc nulls last, opened_at desc nulls last, account_key desc, updated_at desc nulls last
        ) as position_number

    from versions

),

final as (

    select
        customer_id,
        customer_type,
        region_code,
        {{ age_band('birth_year', as_of_date()) }} as age_band

    from numbered

    where position_number = 1

)

select * from final
