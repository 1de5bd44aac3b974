-- One row per canonical source and feature, with its grade and the ratios it is made of (source, feature).
with

features as (

    select * from {{ ref('int_features_measured') }}

    union all

    select * from {{ ref('int_measures_measured') }}

),

deliveries as (

    select * from {{ ref('int_deliveries_summarised_to_sources') }}

),

customers as (

    select count(*) as customer_count from {{ ref('int_customers_resolved') }}

),

-- A source that no feature is taken from has a row of its own.
measured as (

    select
        deliveries.source,
        deliveries.owner,
        deliveries.fresh_within_days,
        coalesce(features.feature, 'rows') as feature,
        deliveries.last_loaded_at,
        deliveries.delivered_count,
        deliveries.canonical_count,
        deliveries.loaded_count,
        deliveries.quarantined_count,
        deliveries.refused_count,
        deliveries.expected_by_at,
        deliveries.late_feeds,
        features.last_event_at,
        features.row_count,
        {{ ratio('features.filled_count', 'features.row_count') }} as completeness_ratio,
        {{ ratio('features.matched_count', 'features.row_count') }} as match_ratio,
        {{ ratio('features.customer_count', 'customers.customer_count') }} as coverage_ratio,
        {{
            ratio('deliveries.loaded_count', 'deliveries.loaded_count + deliveries.quarantined_count')
        }} as accepted_ratio,
        case
            when features.feature is null then deliveries.batch_count > 0
            else coalesce(features.filled_count, 0) > 0
        end as is_known

    from deliveries

    left join features
        on deliveries.source = features.source

    cross join customers

    -- Network usage comes in one of two ways, and nothing is missing where it does not come in both; nor where nobody
    -- says who is near whom.
    where
        deliveries.source not in ('customer_profiles', 'customer_months', 'customer_identifiers')
        and (
            deliveries.source not in ('network_usage_daily', 'network_sessions', 'relationships')
            or deliveries.source = '{{ usage_source() }}'
            or deliveries.batch_count + deliveries.refused_count > 0
        )

),

compared as (

    select
        *,
        -- A feature without a time of its own counts as fresh if it is known.
        coalesce({{ is_within_days('last_event_at', 'fresh_within_days') }}, is_known) as is_fresh,
        least(
            coalesce(completeness_ratio, 1), coalesce(match_ratio, 1), coalesce(accepted_ratio, 1)
        ) as lowest_ratio

    from measured

),

final as (

    select
        source,
        feature,
        owner,
        {{
            readiness_grade(
                'is_known', '(is_fresh and late_feeds is null and coalesce(refused_count, 0) = 0)', 'lowest_ratio'
            )
        }} as grade,
        {{ readiness_reasons() }} as why,
        delivered_count,
        canonical_count,
        loaded_count,
        quarantined_count,
        row_count,
        completeness_ratio,
        match_ratio,
        coverage_ratio,
        is_known,
        is_fresh,
        late_feeds is not null as is_late,
        last_event_at,
        last_loaded_at,
        expected_by_at

    from compared

)

select * from final
