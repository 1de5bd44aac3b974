{#- What is known of a customer's influence, in words. -#}
{% macro influence_reasons(relation) -%}
    'Reaches ' || {{ saydo.text(relation ~ '.reach_count') }}
        || '. Changes of its own spend: ' || {{ saydo.text(relation ~ '.change_count') }}
        || '; theirs followed by '
        || {{ saydo.text(saydo.money(relation ~ '.following_change')) }}
        || ' {{ var("reporting_currency") }} a month more than before.'
        || case
            when {{ relation }}.referral_count > 0
                then ' Referred ' || {{ saydo.text(relation ~ '.referral_count') }}
                    || ', who brought ' || {{ saydo.text(saydo.money(relation ~ '.referred_revenue')) }}
                    || ' {{ var("reporting_currency") }} since.'
            else ''
        end
        || case
            when {{ relation }}.satisfaction_change_count > 0
                then ' Changes of its satisfaction: ' || {{ saydo.text(relation ~ '.satisfaction_change_count') }}
                    || '; theirs followed by '
                    || {{ saydo.text(saydo.money(relation ~ '.satisfaction_following_change')) }}
                    || ' points more than before.'
            else ''
        end
{%- endmacro %}
