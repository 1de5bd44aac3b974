-- One row per canonical source and feature of it, and one per published customer table.
with

features as (

    select * from {{ ref('int_features_graded') }}

),

deliveries as (

    select * from {{ ref('int_deliveries_summarised_to_sources') }}

),

customers as (

    select
        count(*) as customer_count,
        {{ whole('coalesce(sum(case when has_survey and has_transactions and has_network then 1 else 0 end), 0)') }}
            as whole_count,
        max(last_seen_at) as last_seen_at

    from {{ ref('customer_profiles') }}

),

tables as (

    select
        'customer_profiles' as source,
        customer_count as row_count,
        whole_count as covered_count

    from customers
    {%- for mart in ['customer_months', 'customer_identifiers'] %}

    union all

    select
        '{{ mart }}' as source,
        count(*) as row_count,
        count(distinct customer_id) as covered_count -- customers, of whom each has many rows

    from {{ ref(mart) }}
    {%- endfor %}

),

marts as (

    select
        tables.source,
        deliveries.owner,
        tables.row_count,
        {{ ratio('tables.covered_count', 'customers.customer_count') }} as coverage_ratio,
        coalesce({{ is_within_days('customers.last_seen_at', 'deliveries.fresh_within_days') }}, false) as is_fresh,
        customers.last_seen_at

    from tables

    inner join deliveries
        on tables.source = deliveries.source

    cross join customers

),

final as (

    select
        'source' as subject_type,
        source,
        feature,
        owner,
        grade,
        why,
        delivered_count,
        canonical_count,
        loaded_count,
        quarantined_count,
        completeness_ratio,
        match_ratio,
        coverage_ratio,
        is_fresh,
        last_event_at,
        last_loaded_at,
        is_late,
        expected_by_at

    from features

    union all

    select
        'mart' as subject_type,
        source,
        'rows' as feature,
        owner,
        {{ readiness_grade('row_count > 0', 'is_fresh', 'coalesce(coverage_ratio, 1)') }} as grade,
        case
            when row_count = 0 then 'it has no rows'
            when coverage_ratio >= 0.99 and is_fresh then 'nothing stands out'
            when source = 'customer_profiles'
                then {{ missing_percent('coverage_ratio') }} || ' of customers lack what they say, do or get'
            else {{ missing_percent('coverage_ratio') }} || ' of customers have no row here'
        end as why,
        cast(null as bigint) as delivered_count,
        cast(null as bigint) as canonical_count,
        row_count as loaded_count,
        cast(null as bigint) as quarantined_count,
        cast(null as decimal(9, 4)) as completeness_ratio,
        cast(null as decimal(9, 4)) as match_ratio,
        coverage_ratio,
        is_fresh,
        last_seen_at as last_event_at,
        cast(null as timestamp) as last_loaded_at,
        false as is_late,
        cast(null as timestamp) as expected_by_at

    from marts

)

select * from final
