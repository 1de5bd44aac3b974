-- One row per experiment, variant, metric and segment: what followed, and how far that is from the control.
with

readouts as (

    select * from {{ source('estimates', 'experiment_readouts') }}

),

-- The same links as they are seen without an experiment, within customers.
observed as (

    select
        link,
        estimate,
        standard_error

    from {{ ref('experience_effects') }}

    where
        band = 'all'
        and lag_months = 1
        and is_publishable

),

compared as (

    select
        readouts.*,
        observed.estimate as observational_estimate,
        abs(readouts.link_estimate - observed.estimate) <= 1.96 * sqrt(
            readouts.link_standard_error * readouts.link_standard_error
            + cast(observed.standard_error as double) * cast(observed.standard_error as double)
        ) as is_near

    from readouts

    left join observed
        on readouts.link = observed.link

),

final as (

    select
        experiment_code,
        variant_code,
        metric_code,
        segment_type,
        segment_code,
        control_variant_code,
        case metric_code
            when 'revenue' then '{{ var("reporting_currency") }} a month'
            when 'left' then 'share'
            when 'new_services' then 'services'
            when 'satisfaction' then 'score_0_10'
        end as unit,
        customer_count,
        assigned_count,
        pending_count,
        two_variant_count,
        unknown_count,
        {%- for figure in ['mean', 'adjusted_mean', 'difference', 'standard_error', 'ci_low', 'ci_high'] %}
        {{ rounded(figure, 6, limit=largest_number()) }} as {{ figure }},
        {%- endfor %}
        {{ share('p_value') }} as p_value,
        {{ share('adjusted_p_value') }} as adjusted_p_value,
        {{ rounded('variance_reduction_ratio', 4, 9) }} as variance_reduction_ratio,
        {{ share('sample_ratio_p_value') }} as sample_ratio_p_value,
        link,
        {%- for figure in ['link_estimate', 'link_standard_error', 'link_ci_low', 'link_ci_high'] %}
        {{ effect(figure) }} as {{ figure }},
        {%- endfor %}
        observational_estimate,
        case when is_near then 'agrees' when not is_near then 'differs' end as link_agreement,
        is_control,
        is_valid,
        why_not

    from compared

)

select * from final
