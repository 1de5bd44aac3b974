-- One row per customer with anyone near.
{%- set prior = ' + ' ~ var('policy').influence.prior_changes %}
{%- set before = quotient('scores.total_before', 'scores.before_count' ~ prior) %}
with

customers as (

    select * from {{ ref('int_neighbour_changes_summarised_to_customers') }}

    where reach_count > 0

),

scores as (

    select * from {{ ref('int_neighbour_scores_summarised_to_customers') }}

),

referrals as (

    select * from {{ ref('int_referrals_summarised_to_customers') }}

),

colleagues as (

    select * from {{ ref('int_neighbours_found') }}

    where relation_type = 'same_business' and near_to_date > {{ as_of_date() }}

),

-- With so many changes added that nobody follows, few changes say little.
shrunk as (

    select
        customers.customer_id,
        customers.reach_count,
        customers.change_count,
        {{ rounded(quotient('customers.total_after - customers.total_before', 'customers.change_count' ~ prior), 6) }}
            as following_change,
        {{ rounded(quotient('customers.total_before', 'customers.change_count' ~ prior), 6) }} as placebo_change,
        coalesce(referrals.referral_count, 0) as referral_count,
        coalesce(referrals.referred_revenue, 0) as referred_revenue,
        coalesce(scores.after_count, 0) as satisfaction_change_count,
        case
            when scores.after_count > 0
                then {{ rounded(quotient('scores.total_after', 'scores.after_count' ~ prior) ~ ' - ' ~ before, 6) }}
            else 0
        end as satisfaction_following_change,
        coalesce({{ rounded(before, 6) }}, 0) as satisfaction_placebo_change

    from customers

    left join scores
        on customers.customer_id = scores.customer_id

    left join referrals
        on customers.customer_id = referrals.customer_id

),

-- Of the people of a business, those whose own spend has changed.
ranked as (

    select
        shrunk.customer_id,
        1 + sum(case when others.following_change > shrunk.following_change then 1 else 0 end) as business_rank

    from shrunk

    inner join colleagues
        on shrunk.customer_id = colleagues.customer_id

    left join shrunk as others
        on
            colleagues.neighbour_customer_id = others.customer_id
            and others.change_count > 0

    where shrunk.change_count > 0

    group by shrunk.customer_id

),

final as (

    select
        shrunk.customer_id,
        shrunk.reach_count,
        shrunk.change_count,
        shrunk.following_change,
        shrunk.placebo_change,
        case
            when shrunk.change_count > 0
                then {{ share("percent_rank() over (
                    -- one row per customer_id
                    partition by case when shrunk.change_count > 0 then 1 else 0 end
                    order by shrunk.following_change, shrunk.customer_id
                )") }}
        end as influence_percentile,
        {{ influence_reasons('shrunk') }} as reasons,
        shrunk.referral_count,
        {{ money('shrunk.referred_revenue') }} as referred_revenue,
        shrunk.satisfaction_change_count,
        shrunk.satisfaction_following_change,
        shrunk.satisfaction_placebo_change,
        {{ whole('ranked.business_rank') }} as business_rank

    from shrunk

    left join ranked
        on shrunk.customer_id = ranked.customer_id

)

select * from final
