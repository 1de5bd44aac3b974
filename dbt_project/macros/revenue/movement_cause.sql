{#- Why one subscription of the CTE `compared` pays other than it did, beside the plans of the CTE `replaced`.
    The reason that the source gives for an end is told as it is; causes stand in the seed movement_causes. -#}
{% macro movement_cause() -%}
    case
        when compared.was_open and compared.is_open then
            case
                when compared.has_other_product then 'plan_change'
                when compared.own_opening_amount = 0 and compared.own_closing_amount > 0 then 'trial_ended'
                when compared.own_opening_amount <> compared.own_closing_amount then 'price_change'
                else 'exchange_rate'
            end
        when compared.product_type = 'plan' and replaced.has_other_product then 'plan_change'
        when compared.product_type = 'plan' and not replaced.has_other_product then 'price_change'
        when compared.is_open and not compared.begins_service then 'resumed'
        when compared.is_open then compared.product_type || '_taken'
        else coalesce(compared.end_reason_code, compared.product_type || '_ended')
    end
{%- endmacro %}
