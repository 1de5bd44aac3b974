{#- Ratio as published: rounded once to four decimals; null over nothing. -#}
{% macro ratio(part, whole) -%}
    {{ saydo.rounded(saydo.quotient(part, whole), 4, 9) }}
{%- endmacro %}

{#- A ratio in words: how many percent are missing from it. -#}
{% macro missing_percent(ratio) -%}
    cast(cast(round(100 - 100 * {{ ratio }}, 1) as decimal(5, 1)) as {{ dbt.type_string() }}) || '%'
{%- endmacro %}

{#- Grade by the worst of a source's ratios; whatever is stale or late is C at best. -#}
{% macro readiness_grade(is_known, is_fresh, lowest_ratio) -%}
    case
        when not {{ is_known }} or {{ lowest_ratio }} < 0.5 then 'F'
        when {{ lowest_ratio }} < 0.75 then 'E'
        when {{ lowest_ratio }} < 0.9 then 'D'
        when {{ lowest_ratio }} < 0.95 or not {{ is_fresh }} then 'C'
        when {{ lowest_ratio }} < 0.99 then 'B'
        else 'A'
    end
{%- endmacro %}

{#- The grade of a feature in words, over the ratios of int_features_graded; each reason leads with its semicolon. -#}
{% macro readiness_reasons() -%}
    case
        when delivered_count = 0 and refused_count > 0 then 'every file of it was refused: nothing is known'
        when delivered_count = 0 and late_feeds is not null
            then 'nothing of it was ever delivered, and it was due: ' || late_feeds
        when delivered_count = 0 then 'no feed delivers it: nothing is known'
        when not is_known then 'it is delivered, and never filled: nothing is known'
        when is_fresh and lowest_ratio >= 0.99 and late_feeds is null and coalesce(refused_count, 0) = 0
            then 'nothing stands out'
        else substring(
            case when is_fresh then '' else '; nothing has come within the days its owner allows' end
            || coalesce('; not delivered in time: ' || late_feeds, '')
            || case
                when coalesce(refused_count, 0) = 0 then ''
                else '; ' || cast(refused_count as {{ dbt.type_string() }}) || ' of its files were refused, and are not in it'
            end
            || case
                when coalesce(completeness_ratio, 1) >= 0.99 then ''
                else '; ' || {{ saydo.missing_percent('completeness_ratio') }} || ' of its rows do not hold it'
            end
            || case
                when coalesce(match_ratio, 1) >= 0.99 then ''
                else '; ' || {{ saydo.missing_percent('match_ratio') }} || ' of its rows belong to no known customer'
            end
            || case
                when coalesce(accepted_ratio, 1) >= 0.99 then ''
                else '; ' || {{ saydo.missing_percent('accepted_ratio') }} || ' of the delivered rows are in quarantine'
            end,
            3
        )
    end
{%- endmacro %}

{#- Predicate: the instant's day is at most so many days before the as-of day. -#}
{% macro is_within_days(instant, days) -%}
    {{ saydo.business_date(instant) }} >= cast({{ dbt.dateadd('day', '-' ~ days, saydo.as_of_date()) }} as date)
{%- endmacro %}
