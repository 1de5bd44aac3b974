-- One row per snapshot that ended something by no longer listing it, with how many (batch_id).
with

batches as (

    select * from {{ ref('stg_operations__batches') }}

),

releases as (

    select max(published_at) as last_published_at
    from {{ ref('stg_operations__releases') }}

),

-- Versions of one account end together.
accounts as (

    select
        account_key,
        _silent_batch_id

    from {{ ref('stg_identity__accounts') }}

    where _silent_batch_id is not null

    group by account_key, _silent_batch_id

),

identifiers as (

    select * from {{ ref('stg_identity__account_identifiers') }}

    where _silent_batch_id is not null

),

subscriptions as (

    select * from {{ ref('stg_transactions__subscriptions') }}

    where _silent_batch_id is not null

),

counted as (

    {%- for ended in ['accounts', 'identifiers', 'subscriptions'] %}
    {{ 'union all' if not loop.first }}

    select
        _silent_batch_id as batch_id,
        count(*) as ended_count
    from {{ ended }}
    group by _silent_batch_id
    {%- endfor %}

),

final as (

    select
        counted.batch_id,
        batches.feed,
        batches.source,
        counted.ended_count,
        coalesce(batches.landed_at > releases.last_published_at, true) as is_new,
        batches.snapshot_date

    from counted

    inner join batches
        on counted.batch_id = batches.batch_id

    cross join releases

)

select * from final
