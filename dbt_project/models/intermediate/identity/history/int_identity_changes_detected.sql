-- One row per change of customers since the last release, with its reason in codes (change_type, from_customer_id, to_customer_id).
with

moves as (

    select * from {{ ref('int_identity_moves_counted') }}

),

causes as (

    select * from {{ ref('int_identity_causes_found') }}

),

inputs as (

    select * from {{ ref('stg_operations__input_changes') }}

),

told as (

    select
        from_customer_id,
        to_customer_id,
        is_together,
        {{ dbt.listagg('cause_code', "', '", 'order by cause_code') }} as cause_codes

    from causes

    group by from_customer_id, to_customer_id, is_together

),

since as (

    select {{ dbt.listagg("'inputs:' || change_type", "', '", 'order by change_type') }} as input_codes

    from inputs

),

final as (

    select
        moves.change_type,
        moves.from_customer_id,
        moves.to_customer_id,
        moves.account_count,
        case
            when moves.change_type = 'created' then 'accounts:new'
            else coalesce(told.cause_codes, 'links:none_left') || coalesce(', ' || since.input_codes, '')
        end as reason,
        {{ as_of_end_at() }} as changed_at

    from moves

    left join told
        on
            moves.from_customer_id = told.from_customer_id
            and moves.to_customer_id = told.to_customer_id
            and (moves.change_type <> 'split') = told.is_together

    cross join since

)

select * from final
