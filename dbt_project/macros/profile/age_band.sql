{#- Age band in the year of a day. Only the year of birth is known: everybody's birthday is taken as past. -#}
{% macro age_band(birth_year, day) -%}
    {%- set age = 'extract(year from ' ~ day ~ ') - ' ~ birth_year -%}
    case
        when {{ age }} < 18 then 'under_18'
        when {{ age }} < 25 then '18_to_24'
        when {{ age }} < 35 then '25_to_34'
        when {{ age }} < 45 then '35_to_44'
        when {{ age }} < 55 then '45_to_54'
        when {{ age }} < 65 then '55_to_64'
        when {{ age }} >= 65 then '65_and_over'
    end
{%- endmacro %}
