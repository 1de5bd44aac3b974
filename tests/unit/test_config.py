"""Configuration: what is accepted, and what each mistake is told."""

from pathlib import Path

import pytest

from saydo.config import BUILT_IN_MEASURES, Policy, load_feeds, load_policy, load_spark
from saydo.contract import PLUMBING, SOURCES, landed_columns
from saydo.errors import ConfigError
from saydo.settings import PROJECT, Settings

MINIMAL = """
business: {timezone: Europe/London, reporting_currency: GBP}
questions: {overall: overall_satisfaction}
identifier_types:
  order_id: {is_personal: false}
measures:
  - {name: delivery_delay_days, aggregate: max}
kpis:
  - {name: delivery_delay, expression: delivery_delay_days, good: 0, poor: 7}
feeds:
  - name: deliveries
    source: network_usage_daily
    path: orders_*.csv
    format: csv
    columns:
      id_type: "'order_id'"
      id_value: order_id
      usage_date: delivered_at
      delivery_delay_days: delay
"""


def _feeds(tmp_path: Path, text: str):
    file = tmp_path / "feeds.yml"
    file.write_text(text)
    return load_feeds(file)


def test_a_valid_file_adds_its_dictionaries_to_the_built_in_ones(tmp_path):
    feeds = _feeds(tmp_path, MINIMAL)
    assert feeds.all_questions["overall"] == "overall_satisfaction"
    assert feeds.all_questions["nps"] == "recommend"
    assert not feeds.all_identifier_types["order_id"].is_personal
    assert feeds.all_identifier_types["account_id"].is_anchor
    assert feeds.all_measures[-1].name == "delivery_delay_days"
    assert len(feeds.all_measures) == len(BUILT_IN_MEASURES) + 1
    assert feeds.feed("deliveries").expect.max_reject_ratio == 0.01


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ("timezone: E", "timezoen: E", "business.timezoen: unknown key 'timezoen'; did you mean"),
        ("Europe/London", "Europe/Londn", "unknown time zone 'Europe/Londn'; did you mean 'Eur"),
        ("GBP", "pounds", "business.reporting_currency"),
        (" path:", " pth:", "feeds.0.pth: unknown key 'pth'; did you mean 'path'?"),
        ("network_usage_daily", "network_usage", "did you mean 'network_usage_daily'?"),
        ("usage_date:", "usage_dat:", "unknown column 'usage_dat'; did you mean 'usage_date'?"),
        ("      usage_date: delivered_at\n", "", "network_usage_daily requires usage_date"),
        ("orders_*.csv", "../orders.csv", "below landing/"),
        ("orders_*.csv", "/etc/passwd", "below landing/"),
        ("overall_satisfaction", "overal_satisfaction", "did you mean 'overall_satisfaction'?"),
        ("aggregate: max", "aggregate: mean", "`weight` goes with `aggregate: mean`"),
        ("poor: 7", "poor: 0", "`good` and `poor` must differ"),
        ("is_personal", "is_persnal", "identifier_types.order_id.is_persnal: unknown key"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_nearest_valid_word(
    tmp_path, was, becomes, message
):
    assert was in MINIMAL
    with pytest.raises(ConfigError) as refused:
        _feeds(tmp_path, MINIMAL.replace(was, becomes))
    assert message in str(refused.value)
    assert "feeds.yml" in str(refused.value)


def test_two_feeds_of_one_name_are_refused(tmp_path):
    entry = MINIMAL.split("feeds:\n")[1]
    with pytest.raises(ConfigError, match="given twice: deliveries"):
        _feeds(tmp_path, MINIMAL + entry)


def test_a_missing_or_broken_file_says_so(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        load_feeds(tmp_path / "none.yml")
    with pytest.raises(ConfigError, match="not valid YAML"):
        _feeds(tmp_path, "feeds: [")


def test_a_feed_asked_for_by_a_wrong_name_suggests_the_right_one(tmp_path):
    with pytest.raises(ConfigError, match="did you mean 'deliveries'"):
        _feeds(tmp_path, MINIMAL).feed("delivery")


def test_a_misspelt_policy_key_names_the_nearest(tmp_path):
    file = tmp_path / "policy.yml"
    file.write_text("satisfaction: {fan_form: 9}\n")
    with pytest.raises(ConfigError, match=r"satisfaction.fan_form: .*did you mean 'fan_from'"):
        load_policy(file)


def test_linkage_may_not_ask_about_what_it_accepts(tmp_path):
    file = tmp_path / "policy.yml"
    file.write_text("linkage: {accept_probability: 0.8, review_probability: 0.9}")
    with pytest.raises(ConfigError, match="review_probability may not be above accept"):
        load_policy(file)


def test_linkage_is_off_unless_switched_on():
    assert not load_policy(PROJECT / "config" / "policy.yml").linkage.is_on


def test_the_shipped_policy_states_every_threshold_it_has_a_default_for():
    shipped = load_policy(PROJECT / "config" / "policy.yml")
    assert shipped == Policy()


def test_a_segment_is_a_known_attribute_and_edges_rise(tmp_path):
    file = tmp_path / "policy.yml"
    file.write_text("segments: {revenue: [region_code, shoe_size]}\n")
    with pytest.raises(ConfigError, match=r"segments.revenue.1: .*'tenure_band'"):
        load_policy(file)
    file.write_text("segments: {revenue: [region_code, region_code]}\n")
    with pytest.raises(ConfigError, match="named twice"):
        load_policy(file)
    file.write_text("profile: {tenure_band_months: [12, 6]}\n")
    with pytest.raises(ConfigError, match="edges of bands rise"):
        load_policy(file)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("planned_shares: {call: {control: 0}}", "experiments.planned_shares.call.control"),
        ("control_variants: []", "experiments.control_variants"),
        ("min_first_stage_t: 1.5", "experiments.min_first_stage_t"),
    ],
)
def test_an_experiment_has_a_control_shares_and_a_first_stage(tmp_path, line, where):
    (tmp_path / "policy.yml").write_text(f"experiments: {{{line}}}\n")
    with pytest.raises(ConfigError, match=where):
        load_policy(tmp_path / "policy.yml")


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("holdout_share: 1", "recovery.holdout_share"),
        ("min_credit: 5, max_credit: 4", "min_credit may not be above max_credit"),
        ("factor: 1.001", "recovery.factor"),
        ("consent: maybe", "recovery.consent"),
        ("destinations: [{kind: webhook, connection_id: b, table: t}]", "a `postgres` destination"),
        ("destinations: [{kind: postgres, connection_id: b, table: 'x; drop'}]", "0.table"),
        ("hold_out_share: 0.1", "did you mean 'holdout_share'"),
    ],
)
def test_recovery_holds_some_out_and_not_all_and_sends_where_it_can(tmp_path, line, where):
    (tmp_path / "policy.yml").write_text(f"recovery: {{{line}}}\n")
    with pytest.raises(ConfigError, match=where):
        load_policy(tmp_path / "policy.yml")


def test_a_holdout_of_nobody_is_allowed(tmp_path):
    (tmp_path / "policy.yml").write_text("recovery: {holdout_share: 0}\n")
    assert load_policy(tmp_path / "policy.yml").recovery.holdout_share == 0


def test_the_environment_is_typed_and_prefixed(tmp_path, monkeypatch):
    monkeypatch.setenv("SAYDO_HOME", str(tmp_path))
    monkeypatch.setenv("SAYDO_PSEUDONYM_KEY", "a-very-secret-key")
    settings = Settings()
    assert settings.raw == tmp_path / "raw"
    assert "a-very-secret-key" not in repr(settings)


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_no_restricted_value_has_a_column_in_raw(source):
    landed = landed_columns(source, ("a_measure",))
    for column in source.columns:
        assert (column.name in landed) != column.restricted
    assert set(source.key) <= set(landed)
    assert list(landed)[-len(PLUMBING) :] == list(PLUMBING)
    assert ("a_measure" in landed) == source.has_measures


def test_all_thirteen_canonical_tables_are_in_the_contract():
    assert len(SOURCES) == 13


def test_each_identifier_says_by_which_column_it_is_typed():
    assert SOURCES["relationships"].identifiers == (
        ("id_type", "id_key"),
        ("to_id_type", "to_id_key"),
    )
    assert SOURCES["network_incidents"].identifiers == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mastr: yarn", "unknown key 'mastr'; did you mean 'master'"),
        ("master: 10.0.0.1:7077", "is no master of Spark"),
        ("master: spark://host", "is no master of Spark"),
        ("properties: {spark.master: yarn}", "say it as `master`"),
        ("properties: {spark.sql.ansi.enabled: false}", "the figures depend on its being true"),
        ("properties: {spark.sql.session.timeZone: Europe/London}", "depend on its being UTC"),
        ("properties: {spark.sql.files.ignoreMissingFiles: true}", "depend on its being false"),
        ("properties: {spark.hadoop.fs.s3a.secret.key: hush-9}", r"as \$\{env.NAME\}"),
        ("profiles: /nowhere", "there is no profiles.yml in /nowhere"),
    ],
)
def test_a_mistake_in_the_spark_file_is_told_and_no_secret(tmp_path, text, told):
    file = tmp_path / "spark.yml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told) as error:
        load_spark(file)
    assert "hush-9" not in str(error.value)


def test_the_spark_file_takes_masters_secrets_by_name_and_what_figures_depend_on(tmp_path):
    file = tmp_path / "spark.yml"
    for master in (
        "local[*]",
        "local[4]",
        "spark://one:7077,two:7077",
        "yarn",
        "k8s://https://api",
    ):
        file.write_text(
            f"master: {master}\nproperties:\n  spark.hadoop.fs.s3a.secret.key: ${{env.KEY}}\n"
            "  spark.sql.ansi.enabled: true\n"
        )
        assert load_spark(file).master == master
    assert load_spark(PROJECT / "config" / "spark.yml").master == "local[*]"
