{#- Arithmetic that gives the same figures on every engine, to the last digit. Decimals are added and multiplied as they
    are; what is divided, scaled by a double or a mean goes by doubles, whose steps IEEE 754 fixes, and is rounded once. -#}

{#- A quotient, as a double; null over nothing. Engines divide decimals in ways of their own. -#}
{% macro quotient(part, whole) -%}
    cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0)
{%- endmacro %}

{#- A decimal of more than fifteen digits as the double that is nearest to it. A cast of the decimal itself may be the one
    beside that, by engine; a text is read exactly on all. -#}
{% macro nearest_double(expression) -%}
    cast({{ saydo.text(expression) }} as double)
{%- endmacro %}

{#- A double as a decimal of so many digits, half away from zero. With `limit`, one that is larger is the limit. -#}
{% macro rounded(expression, digits, precision=18, limit=none) -%}
    {%- if limit is none -%}
    {{ saydo.rounded_double(expression, digits, precision) }}
    {%- else -%}
    {%- set type = 'decimal(' ~ precision ~ ', ' ~ digits ~ ')' -%}
    case
        when {{ expression }} >= {{ limit }} then cast({{ limit }} as {{ type }})
        when {{ expression }} <= -{{ limit }} then cast(-{{ limit }} as {{ type }})
        else {{ saydo.rounded_double(expression, digits, precision) }}
    end
    {%- endif -%}
{%- endmacro %}

{% macro rounded_double(expression, digits, precision) -%}
    {{- return(adapter.dispatch('rounded_double', 'saydo')(expression, digits, precision)) -}}
{%- endmacro %}

{% macro duckdb__rounded_double(expression, digits, precision) -%}
    cast(round({{ expression }}, {{ digits }}) as decimal({{ precision }}, {{ digits }}))
{%- endmacro %}

{#- Spark rounds and casts the shortest text of a double: 1.005 is up there, and below its half as the number it is.
    Without digits its `round` is exact. -#}
{% macro spark__rounded_double(expression, digits, precision) -%}
    {%- if digits == 0 -%}
    cast({{ saydo.spark__whole_double('round(' ~ expression ~ ')', precision) }} as decimal({{ precision }}, 0))
    {%- else -%}
    {%- set unit = '1e' ~ digits -%}
    {%- set rounded = 'round(round((' ~ expression ~ ') * ' ~ unit ~ ') / ' ~ unit ~ ' * ' ~ unit ~ ')' -%}
    cast(
        {{ saydo.spark__whole_double(rounded, precision) }}
        * cast(0.{{ '0' * (digits - 1) }}1 as decimal({{ digits }}, {{ digits }})) as decimal({{ precision }}, {{ digits }})
    )
    {%- endif -%}
{%- endmacro %}

{#- A whole double as a decimal, every digit of it; large ones in two parts, since a bigint ends at nine quintillions. -#}
{% macro spark__whole_double(expression, precision) -%}
    {%- if precision <= 18 -%}
    cast(cast({{ expression }} as bigint) as decimal(18, 0))
    {%- else -%}
    (
        cast(cast({{ expression }} / 4294967296e0 as bigint) as decimal(28, 0)) * cast(4294967296 as decimal(10, 0))
        + cast({{ expression }} % 4294967296e0 as bigint)
    )
    {%- endif -%}
{%- endmacro %}
