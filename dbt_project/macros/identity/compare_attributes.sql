{#- What is compared of two accounts' holders. Keyed hashes but for the year. -#}
{% macro attributes_compared() -%}
    {{- return(['given_name_key', 'birth_date_key', 'birth_year']) -}}
{%- endmacro %}

{#- Attributes that both accounts have and that are the same. -#}
{% macro agreement_count(left, right) -%}
    (
        {%- for attribute in saydo.attributes_compared() %}
        {{ '+ ' if not loop.first }}case when {{ left }}.{{ attribute }} = {{ right }}.{{ attribute }} then 1 else 0 end
        {%- endfor %}
    )
{%- endmacro %}

{#- Attributes that both accounts have and that differ. -#}
{% macro contradiction_count(left, right) -%}
    (
        {%- for attribute in saydo.attributes_compared() %}
        {{ '+ ' if not loop.first }}case when {{ left }}.{{ attribute }} <> {{ right }}.{{ attribute }} then 1 else 0 end
        {%- endfor %}
    )
{%- endmacro %}
