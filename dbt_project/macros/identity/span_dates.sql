{#- First business day of an ownership span that begins at the instant, for facts that know only their day. The year 1,
    which stands for always, stays the year 1. -#}
{% macro span_from_date(instant) -%}
    case
        when {{ instant }} > {{ saydo.beginning_of_time() }} then {{ saydo.business_date(instant) }}
        else {{ saydo.beginning_of_days() }}
    end
{%- endmacro %}

{#- Day after the last day of which the span holds any part (exclusive). -#}
{% macro span_to_date(instant) -%}
    case
        when {{ instant }} >= {{ saydo.end_of_time() }} then {{ saydo.end_of_days() }}
        when {{ saydo.business_time(instant) }} = cast({{ saydo.business_date(instant) }} as timestamp)
            then {{ saydo.business_date(instant) }}
        else {{ saydo.day_after(saydo.business_date(instant)) }}
    end
{%- endmacro %}

{% macro day_after(day) -%}
    cast({{ dbt.dateadd('day', 1, day) }} as date)
{%- endmacro %}

{% macro day_before(day) -%}
    cast({{ dbt.dateadd('day', -1, day) }} as date)
{%- endmacro %}
