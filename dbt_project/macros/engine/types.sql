{#- Decimals wide enough that no amount or measure a column of raw can hold overflows on its way: values
    are widened before they are multiplied or summed, and rounded once, where they are published. These are for
    decimals: a double becomes one by `rounded` (arithmetic.sql). -#}

{#- Money as published: to the cent, half up. An amount too large for its column is the largest it can
    hold, which the test `publishable` refuses by name, where a cast would end the build in an engine's
    error. -#}
{% macro money(expression) -%}
    cast({{ saydo.at_most('round(' ~ expression ~ ', 2)', saydo.largest_money()) }} as decimal(18, 2))
{%- endmacro %}

{#- Measures and scores as published; as for money. -#}
{% macro number(expression) -%}
    cast({{ saydo.at_most(saydo.exact_number(expression), saydo.largest_number()) }} as decimal(18, 6))
{%- endmacro %}

{% macro largest_money() -%} 9999999999999999.99 {%- endmacro %}

{% macro largest_number() -%} 999999999999.999999 {%- endmacro %}

{% macro at_most(expression, limit) -%}
    case
        when {{ expression }} > {{ limit }} then {{ limit }}
        when {{ expression }} < -{{ limit }} then -{{ limit }}
        else {{ expression }}
    end
{%- endmacro %}

{#- Prices to the cent and their sums. -#}
{% macro price(expression) -%}
    cast({{ expression }} as decimal(38, 2))
{%- endmacro %}

{#- Amounts times rates and their sums, no decimal lost: six of the amount, eight of the rate. -#}
{% macro exact_money(expression) -%}
    cast({{ expression }} as decimal(38, 14))
{%- endmacro %}

{#- Measures and their sums: exact, so that a sum does not depend on the order of its rows. -#}
{% macro exact_number(expression) -%}
    cast({{ expression }} as decimal(38, 6))
{%- endmacro %}

{#- Product of two decimals of raw, no decimal lost; the scales are those of left and right. -#}
{% macro product(left, left_scale, right, right_scale) -%}
    {{- return(adapter.dispatch('product', 'saydo')(left, left_scale, right, right_scale)) -}}
{%- endmacro %}

{#- DuckDB keeps the wider of the two precisions, and overflows in it. -#}
{% macro duckdb__product(left, left_scale, right, right_scale) -%}
    cast({{ left }} as decimal(38, {{ left_scale }})) * cast({{ right }} as decimal(38, {{ right_scale }}))
{%- endmacro %}

{#- Spark adds the precisions up, and drops decimals past 38. -#}
{% macro spark__product(left, left_scale, right, right_scale) -%}
    cast(
        cast({{ left }} as decimal(18, {{ left_scale }})) * cast({{ right }} as decimal(18, {{ right_scale }}))
        as decimal(38, {{ left_scale + right_scale }})
    )
{%- endmacro %}

{#- Whole part of the quotient of two whole, positive decimals; `/` would go by way of a double. -#}
{% macro whole_quotient(dividend, divisor) -%}
    {{- return(adapter.dispatch('whole_quotient', 'saydo')(dividend, divisor)) -}}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
    cast({{ dividend }} as hugeint) // cast({{ divisor }} as hugeint)
{%- endmacro %}

{#- Its `div` is a bigint, which ends at nine quintillions. Of a divisor of 26 digits the quotient keeps 25 before its point;
    of a larger one 20, which are more than it has. -#}
{% macro spark__whole_quotient(dividend, divisor) -%}
    case
        {%- for digits in [26, 38] %}
        {{ 'when ' ~ divisor ~ ' < 1' ~ '0' * digits ~ ' then' if not loop.last else 'else' }}
            cast(({{ dividend }} - {{ dividend }} % {{ divisor }}) / cast({{ divisor }} as decimal({{ digits }}, 0)) as decimal(38, 0))
        {%- endfor %}
    end
{%- endmacro %}

{% macro whole(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}

{% macro text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}
