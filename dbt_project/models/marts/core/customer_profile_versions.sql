-- One row per customer and span in which its slowly changing attributes were constant.
with

spans as (

    select * from {{ ref('int_attributes_spanned_to_customers') }}

),

final as (

    select
        customer_id,
        plan_code,
        region_code,
        customer_type,
        satisfaction_band,
        customer_status,
        nullif(valid_from_at, {{ beginning_of_time() }}) as valid_from_at,
        valid_to_at

    from spans

)

select * from final
