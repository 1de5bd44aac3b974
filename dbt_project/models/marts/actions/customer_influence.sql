-- One row per customer who shares an identifier with another.
{%- set prior = var('policy').influence.prior_changes %}
with

customers as (

    select * from {{ ref('int_neighbour_changes_summarised_to_customers') }}

    where reach_count > 0

),

-- With so many changes added that nobody follows, few changes say little.
shrunk as (

    select
        customer_id,
        reach_count,
        change_count,
        {{ rounded(quotient('total_after - total_before', 'change_count + ' ~ prior), 6) }} as following_change,
        {{ rounded(quotient('total_before', 'change_count + ' ~ prior), 6) }} as placebo_change

    from customers

),

final as (

    select
        customer_id,
        reach_count,
        change_count,
        following_change,
        placebo_change,
        case
            when change_count > 0
                then {{ share("percent_rank() over (
                    -- one row per customer_id
                    partition by case when change_count > 0 then 1 else 0 end
                    order by following_change, customer_id
                )") }}
        end as influence_percentile,
        'Reaches ' || {{ text('reach_count') }} || '; on ' || {{ text('change_count') }}
        || ' occasions its own spend had changed, and theirs followed by ' || {{ text('following_change') }}
        || ' a month more than before.' as reasons

    from shrunk

)

select * from final
