{#- Which rows of int_customer_months_measured are built: every month of a customer whose own story changed, and
    everybody's row of a month that was read again. -#}

{#- Predicate on customer_id and month_start_date; all rows when there is nothing to go on from. -#}
{% macro is_touched_customer_month(is_incremental=true) -%}
    {#- Said before the condition, so that dbt sees what the model depends on. -#}
    {%- if not execute -%}
        {%- do ref('int_months_touched') -%}
        {%- do ref('int_customers_touched') -%}
    {%- endif -%}
    {%- if not is_incremental or saydo.by_row_materialization() == 'table' or not saydo.has_built() -%}
        true
    {%- else -%}
        (
            month_start_date in (select touched.month_start_date from {{ ref('int_months_touched') }} as touched)
            or customer_id in (select touched.customer_id from {{ ref('int_customers_touched') }} as touched)
        )
    {%- endif -%}
{%- endmacro %}

{#- Hook before the rows are inserted. -#}
{% macro forget_touched_customer_months() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ saydo.is_touched_customer_month() }}
    {%- endif -%}
{%- endmacro %}
