{#- The attributes by which the holders of two accounts are compared: keyed hashes, and the birth year as it is. -#}
{% macro attributes_compared() -%}
    {{- return(['given_name_key', 'birth_date_key', 'birth_year']) -}}
{%- endmacro %}

{#- How alike an attribute of two accounts is: same, alike or unlike; null if it is not known of both. What linkage found
    by the clear text (`likenesses`, a row or none for the pair) comes before whether the hashes are equal. The birth
    year of a birth date that is alike says nothing against it. -#}
{% macro attribute_likeness(attribute, left, right, likenesses) -%}
    case
        {%- if attribute == 'birth_year' %}
        when {{ left }}.birth_year <> {{ right }}.birth_year and {{ likenesses }}.birth_date_likeness = 'alike' then 'alike'
        {%- else %}
        when {{ likenesses }}.{{ attribute | replace('_key', '_likeness') }} is not null
            then {{ likenesses }}.{{ attribute | replace('_key', '_likeness') }}
        {%- endif %}
        when {{ left }}.{{ attribute }} = {{ right }}.{{ attribute }} then 'same'
        when {{ left }}.{{ attribute }} <> {{ right }}.{{ attribute }} then 'unlike'
    end
{%- endmacro %}

{#- How many attributes of two accounts are alike to a degree. -#}
{% macro likeness_count(degree, left, right, likenesses) -%}
    (
        {%- for attribute in saydo.attributes_compared() %}
        {{ '+ ' if not loop.first }}case
            when {{ saydo.attribute_likeness(attribute, left, right, likenesses) }} = '{{ degree }}' then 1
            else 0
        end
        {%- endfor %}
    )
{%- endmacro %}
