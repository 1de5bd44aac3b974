{#- The attributes by which the holders of two accounts are compared: keyed hashes, and the birth year as it is. -#}
{% macro attributes_compared() -%}
    {{- return(['given_name_key', 'birth_date_key', 'birth_year']) -}}
{%- endmacro %}

{#- How many attributes both accounts have and are the same. -#}
{% macro agreement_count(left, right) -%}
    (
        {%- for attribute in saydo.attributes_compared() %}
        {{ '+ ' if not loop.first }}case when {{ left }}.{{ attribute }} = {{ right }}.{{ attribute }} then 1 else 0 end
        {%- endfor %}
    )
{%- endmacro %}

{#- How many attributes both accounts have and differ. -#}
{% macro contradiction_count(left, right) -%}
    (
        {%- for attribute in saydo.attributes_compared() %}
        {{ '+ ' if not loop.first }}case when {{ left }}.{{ attribute }} <> {{ right }}.{{ attribute }} then 1 else 0 end
        {%- endfor %}
    )
{%- endmacro %}
