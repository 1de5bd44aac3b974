{#- What is known of a customer's influence, in words. -#}
{% macro influence_reasons(relation) -%}
    'Reaches ' || {{ saydo.text(relation ~ '.reach_count') }}
        || '; on ' || {{ saydo.text(relation ~ '.change_count') }}
        || ' occasions its own spend had changed, and theirs followed by '
        || {{ saydo.text(relation ~ '.following_change') }}
        || ' a month more than before.'
        || case
            when {{ relation }}.referral_count > 0
                then ' Referred ' || {{ saydo.text(relation ~ '.referral_count') }}
                    || ', who brought ' || {{ saydo.text(saydo.money(relation ~ '.referred_revenue')) }} || ' since.'
            else ''
        end
        || case
            when {{ relation }}.satisfaction_change_count > 0
                then ' On ' || {{ saydo.text(relation ~ '.satisfaction_change_count') }}
                    || ' occasions its satisfaction had changed, and theirs followed by '
                    || {{ saydo.text(relation ~ '.satisfaction_following_change') }} || ' points more than before.'
            else ''
        end
{%- endmacro %}
