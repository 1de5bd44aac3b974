{#- What the decision log says of each kind of decision: relation of the model to column to expression. -#}
{% macro logged_decisions() -%}
    {%- set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
    {%- set no_number = 'cast(null as double)' -%}
    {%- set now = saydo.as_of_end_at() -%}
    {{- return({
        'credits': {
            'decision_id': "'credit:' || " ~ saydo.text('version'),
            'decision_type': "'credit'",
            'code': 'policy_code',
            'owner': "'service recovery'",
            'evidence': saydo.text('credit_count') ~ " || ' credits, ' || " ~ saydo.text('holdout_count')
                ~ " || ' held out' || coalesce(', after ' || " ~ saydo.text('horizon_days') ~ " || ' days', '')",
            'expected_effect': "'fewer of the credited leave than of those held out'",
            'unit': "'share who left'",
            'verdict': "case when is_measurable and churn_ci_high < 0 then 'helped'"
                ~ " when is_measurable and churn_ci_low > 0 then 'harmed'"
                ~ " when is_measurable then 'no_difference'"
                ~ " when pending_count > 0 then 'too_early' else 'not_measurable' end",
            'version': 'version',
            'subject_count': 'credit_count',
            'measured_effect': 'case when is_measurable then churn_difference end',
            'ci_low': 'case when is_measurable then churn_ci_low end',
            'ci_high': 'case when is_measurable then churn_ci_high end',
            'decided_at': 'decided_at',
        },
        'audiences': {
            'decision_id': "'audience:' || segment_code || ':' || release_id",
            'decision_type': "'audience'",
            'code': 'segment_code',
            'owner': 'owner',
            'evidence': saydo.text('added_count') ~ " || ' added, ' || " ~ saydo.text('removed_count')
                ~ " || ' removed, ' || " ~ saydo.text('refused_count') ~ " || ' without consent, on ' || release_id"
                ~ " || coalesce(': ' || predicate, '')",
            'expected_effect': no_text,
            'unit': no_text,
            'verdict': "'not_measurable'",
            'version': 'segment_version',
            'subject_count': 'added_count + removed_count',
            'measured_effect': no_number,
            'ci_low': no_number,
            'ci_high': no_number,
            'decided_at': 'decided_at',
        },
        'arms': {
            'decision_id': "'experiment_arm:' || experiment_code || ':' || variant_code",
            'decision_type': "'experiment_arm'",
            'code': "experiment_code || ':' || variant_code",
            'owner': no_text,
            'evidence': saydo.text('customer_count') ~ " || ' customers against ' || coalesce(control_variant_code, 'nobody')",
            'expected_effect': "'more revenue in a month than of the control'",
            'unit': "'" ~ var('reporting_currency') ~ " a month'",
            'verdict': "case when is_valid and adjusted_p_value < 0.05 and ci_low > 0 then 'helped'"
                ~ " when is_valid and adjusted_p_value < 0.05 and ci_high < 0 then 'harmed'"
                ~ " when is_valid then 'no_difference'"
                ~ " when customer_count = 0 and pending_count > 0 then 'too_early' else 'not_measurable' end",
            'version': '1',
            'subject_count': 'assigned_count',
            'measured_effect': 'case when is_valid then difference end',
            'ci_low': 'case when is_valid then ci_low end',
            'ci_high': 'case when is_valid then ci_high end',
            'decided_at': now,
        },
        'bets': {
            'decision_id': "'bet:' || bet_code || ':' || " ~ saydo.text('version'),
            'decision_type': "'bet'",
            'code': 'bet_code',
            'owner': 'owner',
            'evidence': "why || ' ' || evidence",
            'expected_effect': "bet_outcome || ' for more of them within ' || " ~ saydo.text('horizon_months')
                ~ " || ' months'",
            'unit': "'share with the outcome'",
            'verdict': "case verdict when 'proven' then 'helped' when 'contradicted' then 'harmed'"
                ~ " when 'not_shown' then 'no_difference' else 'not_measurable' end",
            'version': 'version',
            'subject_count': 'customer_count',
            'measured_effect': 'outcome_difference',
            'ci_low': 'difference_ci_low',
            'ci_high': 'difference_ci_high',
            'decided_at': now,
        },
        'recommendations': {
            'decision_id': "'recommendation:' || method || ':' || "
                ~ saydo.text(saydo.month_start('period_end_date')),
            'decision_type': "'recommendation'",
            'code': 'method',
            'owner': no_text,
            'evidence': "'of ' || " ~ saydo.text('customer_count') ~ " || ' customers who took a service after '"
                ~ " || " ~ saydo.text('period_start_date') ~ " || ', ' || " ~ saydo.text('hit_count')
                ~ " || ' took one of the three offered'",
            'expected_effect': "'more of them take one of the three offered than of the three taken most'",
            'unit': "'share who took one of three'",
            'verdict': "case when difference_ci_low > 0 then 'helped' when difference_ci_high < 0 then 'harmed'"
                ~ " else 'no_difference' end",
            'version': '1',
            'subject_count': 'customer_count',
            'measured_effect': 'hit_difference',
            'ci_low': 'difference_ci_low',
            'ci_high': 'difference_ci_high',
            'decided_at': now,
        },
    }) -}}
{%- endmacro %}
