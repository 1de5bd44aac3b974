{#- The thresholds that are for no question role, as one row: `select` over the seed. -#}
{% macro say_do_thresholds() -%}
    select
        {%- for code in ['spending_falls_below_ratio', 'poor_experience_below', 'bill_rises_from_ratio'] %}
        max(case when threshold_code = '{{ code }}' then value end) as {{ code }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('say_do_thresholds') }}
{%- endmacro %}

{#- What a customer's money did after a moment: kept (or rose), or fell; null where there was none. Where
    fewer bills came although the recurring price did not fall, the calendar made the difference: of
    monthly bills 90 days hold two or three, of yearly ones one or none. -#}
{% macro spend_outcome(relation, falls_below_ratio) -%}
    {%- set price_stays = relation ~ '.mrr_before > 0 and ' ~ relation ~ '.mrr_after >= ' ~ relation ~ '.mrr_before' -%}
    case
        when
            {{ relation }}.revenue_before > 0
            and {{ relation }}.revenue_after < {{ falls_below_ratio }} * {{ relation }}.revenue_before
            and not ({{ price_stays }} and {{ relation }}.charge_count_after < {{ relation }}.charge_count_before)
            then 'fell'
        when {{ relation }}.revenue_before > 0 or {{ relation }}.revenue_after > 0 or ({{ price_stays }}) then 'kept'
        when {{ relation }}.mrr_before > 0 then 'fell'
    end
{%- endmacro %}

{#- Revenue after to revenue before; null where nothing came before. A ratio that its column cannot hold is
    the largest it can. -#}
{% macro revenue_ratio(after, before) -%}
    {{- saydo.rounded(
        saydo.quotient(after, 'case when ' ~ before ~ ' > 0 then ' ~ before ~ ' end'), 4, 9, limit='99999'
    ) -}}
{%- endmacro %}

{#- Quadrant of what is said and done; null where nothing was paid that could stay or go. -#}
{% macro say_do_quadrant(says_satisfied, stay_outcome, spend_outcome) -%}
    case
        when {{ stay_outcome }} = 'left' or {{ spend_outcome }} = 'fell'
            then case when {{ says_satisfied }} then 'false_fan' else 'dissatisfied_leaver' end
        when {{ stay_outcome }} = 'stayed' or {{ spend_outcome }} = 'kept'
            then case when {{ says_satisfied }} then 'true_fan' else 'loyal_complainer' end
    end
{%- endmacro %}

{#- A day so many days after another. -#}
{% macro days_after(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}
