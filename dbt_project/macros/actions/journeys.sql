{#- Order of sources where events are of one instant: what was lived, then money, what was bought, what was said. -#}
{% macro source_order(source) -%}
    case {{ source }}
        {%- for name in ['network_usage_daily', 'transactions', 'subscriptions', 'interactions', 'survey_invitations', 'survey_responses'] %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}

{#- Predicate: the event is an answer to the question of overall satisfaction. -#}
{% macro is_satisfaction_answer() -%}
    source = 'survey_responses' and topic_code = 'overall_satisfaction' and score is not null
{%- endmacro %}

{#- A journey is named for whose it is and when it began: two of one customer never begin at one instant. -#}
{% macro named_journey(customer_id, started_at) -%}
    'j_' || substring({{ dbt.hash(customer_id ~ " || '@' || " ~ saydo.text(started_at)) }}, 1, 16)
{%- endmacro %}

{#- What a journey starts with, of the type of its first event. -#}
{% macro journey_start_type(event_type) -%}
    case
        when {{ event_type }} = 'fault_day' then 'fault'
        when {{ event_type }} in ('charge', 'payment', 'refund', 'credit') then 'bill'
        when {{ event_type }} in ('contact', 'complaint') then 'contact'
        when {{ event_type }} in ('survey_invited', 'survey_answered') then 'survey'
        else 'purchase'
    end
{%- endmacro %}

{#- Predicate: something was said to the business, or it gave money back. -#}
{% macro is_said_or_made_good() -%}
    (source = 'interactions' or event_type in ('refund', 'credit'))
{%- endmacro %}

{#- Steps that a path names; what comes after is three dots. -#}
{% macro path_length() -%} 5 {%- endmacro %}

{% macro journey_path(number, event_type, count) -%}
    {%- set length = saydo.path_length() | int -%}
    {%- for step in range(1, length + 1) %}
    {{ "max(case when " ~ number ~ " = 1 then " ~ event_type ~ " end)" if step == 1 else
       "|| coalesce(max(case when " ~ number ~ " = " ~ step ~ " then ' > ' || " ~ event_type ~ " end), '')" }}
    {%- endfor %}
    || case when max({{ count }}) > {{ length }} then ' > ...' else '' end
{%- endmacro %}

{#- Hours from one instant to another, to the ten-thousandth. -#}
{% macro hours_between(began_at, ended_at) -%}
    {{ saydo.rounded(saydo.quotient(dbt.datediff(began_at, ended_at, 'microsecond'), '3600000000'), 4) }}
{%- endmacro %}

{#- Sums of satisfaction_change over customers: how many have one, the total, the total of its square. -#}
{% macro change_sums() -%}
    count(satisfaction_change) as answered_customer_count,
    cast(coalesce(sum(satisfaction_change), 0) as decimal(38, 9)) as total_change,
    cast(coalesce(sum({{ saydo.product('satisfaction_change', 9, 'satisfaction_change', 9) }}), 0) as decimal(38, 18))
        as total_squared_change
{%- endmacro %}
