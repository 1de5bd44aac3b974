-- One row per identifier of several customers and span between two changes of its holders (id_type, id_key, valid_from_at).
{{ config(materialized='ephemeral') }}
with

owned as (

    select * from {{ ref('int_identifiers_owned') }}

),

several as (

    select
        id_type,
        id_key

    from owned

    group by id_type, id_key

    having count(distinct customer_id) > 1

),

contested as (

    select owned.*

    from owned

    inner join several
        on
            owned.id_type = several.id_type
            and owned.id_key = several.id_key

),

cuts as (

    select
        id_type,
        id_key,
        valid_from_at as cut_at

    from contested

    union

    select
        id_type,
        id_key,
        valid_to_at as cut_at

    from contested

),

final as (

    select
        id_type,
        id_key,
        cut_at as valid_from_at,
        lead(cut_at) over (
            -- one row per id_type, id_key, cut_at
            partition by id_type, id_key
            order by cut_at
        ) as valid_to_at

    from cuts

)

select * from final

where valid_to_at is not null
