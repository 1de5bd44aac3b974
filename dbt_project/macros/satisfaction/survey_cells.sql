{#- What tells the cells of survey statistics apart: margins of the weights and segments of the scores, by
    the policy. -#}
{% macro cell_attributes() -%}
    {{- return((var('policy').weighting.margins + var('policy').segments.satisfaction) | unique | list) -}}
{%- endmacro %}

{#- Those of a customer's month as a select list, 'unknown' where nothing is known. -#}
{% macro cell_columns(relation) -%}
    {%- for attribute in saydo.cell_attributes() %}
    coalesce({{ saydo.text(relation ~ '.' ~ attribute) }}, 'unknown') as {{ attribute }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The top two answers of a scale, of one with fewer than five the top one, and from 9 on a finer one than
    0-10. Compared in points of the scale, with room for a score's last decimal. -#}
{% macro is_top_box(score, scale_width) -%}
    (10 - {{ score }}) * {{ scale_width }} <= case
        when {{ scale_width }} < 4 then 0.0001
        when {{ scale_width }} <= 10 then 10.0001
        else {{ scale_width }}
    end
{%- endmacro %}

{#- Points between the ends of an answer's scale; 0-10 unless told. -#}
{% macro scale_width(relation) -%}
    (coalesce({{ relation }}.scale_max, 10) - coalesce({{ relation }}.scale_min, 0))
{%- endmacro %}
