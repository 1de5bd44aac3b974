{#- Which rows of customer_months are rebuilt: every month of a customer whose own story changed, and
    everybody's row of a month that was read again. -#}

{#- Predicate on customer_id and month_start_date; all rows when there is nothing to go on from. -#}
{% macro is_touched_customer_month() -%}
    {#- While parsing nothing is incremental: said here, so that dbt sees what the model depends on. -#}
    {%- if not execute -%}
        {%- for name in ['int_months_touched', 'int_customers_touched', 'int_customers_observed'] -%}
            {%- do ref(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not is_incremental() -%}
        true
    {%- else -%}
        (
            month_start_date in (select month_start_date from {{ ref('int_months_touched') }})
            or customer_id in ({{ saydo.touched_customers() }})
        )
    {%- endif -%}
{%- endmacro %}

{#- Customers whose inputs differ from the last build, who are new or gone, or who turn out to have
    begun in another month than was known. -#}
{% macro touched_customers() %}
    select customer_id from {{ ref('int_customers_touched') }}

    union

    select coalesce(observed.customer_id, known.customer_id) as customer_id

    from {{ ref('int_customers_observed') }} as observed

    full outer join (

        select
            customer_id,
            min(month_start_date) as first_month_start_date

        from {{ this }}

        group by customer_id

    ) as known
        on observed.customer_id = known.customer_id

    where
        observed.first_month_start_date is null
        or known.first_month_start_date is null
        or observed.first_month_start_date <> known.first_month_start_date
{% endmacro %}

{#- Hook before the rebuilt rows are inserted. -#}
{% macro forget_touched_customer_months() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ saydo.is_touched_customer_month() }}
    {%- endif -%}
{%- endmacro %}
