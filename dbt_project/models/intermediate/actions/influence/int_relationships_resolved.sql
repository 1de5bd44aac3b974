-- One row per staged relation of two known customers, each end whose it was when it began.
with

relations as (

    select * from {{ ref('stg_interactions__relationships') }}

),

from_ends as (

    select
        owners.customer_id,
        relations.to_id_type as id_type,
        relations.to_id_key as id_key,
        relations.relation_type,
        relations.since_at,
        relations.until_at

    from relations

    {{ join_customer('relations', at='relations.since_at') }}

    where owners.customer_id is not null

),

final as (

    select
        from_ends.customer_id,
        owners.customer_id as to_customer_id,
        from_ends.relation_type,
        from_ends.since_at,
        {{ span_from_date('from_ends.since_at') }} as since_date,
        {{ span_to_date('coalesce(from_ends.until_at, ' ~ end_of_time() ~ ')') }} as until_date

    from from_ends

    {{ join_customer('from_ends', at='from_ends.since_at') }}

    where owners.customer_id <> from_ends.customer_id

)

select * from final
