"""An error of Spark is told by its class, file and line, and without a value of a row."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from saydo.build.dbt import NodeResult
from saydo.build.layers import _raise_on_failure
from saydo.build.spark_errors import Statement, Statements, told
from saydo.errors import OutOfRoom
from saydo.room import explains, lack_of
from saydo.settings import Settings

COMPILED = """-- One row per day.
with days as (

    select 1 as day

)

select day, surname from days"""
SENT = f"""/* {{"app": "dbt"}} */


        create table staging.days

    using parquet

      as
      {COMPILED}
  """
DAYS = Statement(SENT, "models/days.sql", COMPILED)
IN_MODEL = "Runtime Error in model days (models/days.sql)\n  Runtime Error\n    "
JAVA = (
    "Runtime Error in model days (models/days.sql)\n"
    "  An error occurred while calling o57.sql.\n"
    "  : org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 0.0 "
    "failed 2 times, most recent failure: Lost task 0.1 in stage 0.0 (TID 1) (192.0.2.2 executor "
    "1): {cause}\n"
    "  \tat org.apache.spark.scheduler.DAGScheduler.runJob(DAGScheduler.scala:1549)\n"
    "  \tat java.base/java.lang.Thread.run(Thread.java:840)\n  "
)
PLAN = (
    ";\n    'CreateTable `spark_catalog`.`staging`.`days`, ErrorIfExists\n"
    "    +- 'Project [day#6, 'surname]\n       +- SubqueryAlias days\n    "
)
# Messages as Spark 4.3 and dbt-spark 1.11 gave them, with the line of the statement above.
UNRESOLVED = (
    "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name "
    "`surname` cannot be resolved. Did you mean one of the following? [`day`]. SQLSTATE: 42703; "
    "line 16 pos 12" + PLAN
)
ROUTINE = (
    "[UNRESOLVED_ROUTINE] Cannot resolve routine `list_sum` on search path [`system`.`builtin`, "
    "`system`.`session`, `spark_catalog`.`default`]. SQLSTATE: 42883; line 12 pos 4"
)
PARSE = (
    "\n    [PARSE_SYNTAX_ERROR] Syntax error at or near '['. SQLSTATE: 42601 (line 16, pos 30)\n"
)
CAST = (
    '[CAST_INVALID_INPUT] The value \'Jane Doe 0\' of the type "STRING" cannot be cast to "INT" '
    "because it is malformed. Correct the value as per the syntax, or change its target type. Use "
    "`try_cast` to tolerate malformed input and return NULL instead. SQLSTATE: 22018\n"
    "== SQL (line 16, position 13) ==\nselect day, surname from days\n            ^^^^^^^\n"
)
OVERFLOW = (
    "[ARITHMETIC_OVERFLOW] overflow. Use 'try_add' to tolerate overflow and return NULL instead. "
    'If necessary set "spark.sql.ansi.enabled" to "false" to bypass this error. SQLSTATE: 22003\n'
    "== SQL (line 16, position 13) ==\nselect day, surname from days\n            ^^^^^^^\n"
)
TOO_LARGE = (
    "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION]  123456 cannot be represented as Decimal(4, 2). "
    'If necessary set "spark.sql.ansi.enabled" to "false" to bypass this error, and return NULL '
    "instead. SQLSTATE: 22003\n== SQL of VIEW `spark_catalog`.`staging`.`hours` (line 3, position "
    "5) ==\n    cast(hour * 123456 as decimal(4, 2)) as hour\n    ^^^^^\n"
)
TABLE = (
    "[TABLE_OR_VIEW_NOT_FOUND] The table or view `nowhere`.`nothing` cannot be found. Verify the "
    "spelling and correctness of the schema and catalog.\n    Search path: [`system`.`builtin`].\n"
    "    To tolerate the error on drop use DROP VIEW IF EXISTS. SQLSTATE: 42P01; line 12 pos 9"
    + PLAN
)
LAST_LINE = "\n    models/days.sql, line 8 as compiled: select day, surname from days"


@pytest.mark.parametrize(
    ("message", "short"),
    [
        (
            IN_MODEL + UNRESOLVED,
            "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with "
            "name `surname` cannot be resolved. Did you mean one of the following? [`day`]."
            + LAST_LINE,
        ),
        (
            IN_MODEL + ROUTINE,
            "[UNRESOLVED_ROUTINE] Cannot resolve routine `list_sum` on search path "
            "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]."
            "\n    models/days.sql, line 4 as compiled: select 1 as day",
        ),
        (IN_MODEL + PARSE, "[PARSE_SYNTAX_ERROR] Syntax error at or near '['." + LAST_LINE),
        (
            IN_MODEL + TABLE,
            "[TABLE_OR_VIEW_NOT_FOUND] The table or view `nowhere`.`nothing` cannot be found. "
            "Verify the spelling and correctness of the schema and catalog."
            "\n    models/days.sql, line 4 as compiled: select 1 as day",
        ),
        (CAST, "[CAST_INVALID_INPUT]" + LAST_LINE),
        (OVERFLOW, "[ARITHMETIC_OVERFLOW]" + LAST_LINE),
        (
            TOO_LARGE,
            "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION]"
            "\n    in the view `spark_catalog`.`staging`.`hours`, line 3",
        ),
        (
            "[USER_RAISED_EXCEPTION] Jane Doe 0 SQLSTATE: P0001",
            "[USER_RAISED_EXCEPTION]\n    models/days.sql",
        ),
        (
            IN_MODEL + "[QUALIFY_REQUIRES_WINDOW_FUNCTION] The QUALIFY clause requires at least "
            "one window function in the current SELECT list or the QUALIFY condition. SQLSTATE: "
            "42903",
            "[QUALIFY_REQUIRES_WINDOW_FUNCTION] The QUALIFY clause requires at least one window "
            "function in the current SELECT list or the QUALIFY condition.\n    models/days.sql",
        ),
        (
            JAVA.format(cause='java.lang.NumberFormatException: For input string: "Jane"'),
            "java.lang.NumberFormatException (Spark's words may quote rows: left out)"
            "\n    models/days.sql",
        ),
        (
            JAVA.format(cause="org.apache.spark.SparkNumberFormatException: " + CAST),
            "[CAST_INVALID_INPUT]" + LAST_LINE,
        ),
        (
            JAVA.format(
                cause="ExecutorLostFailure (executor 1 exited caused by one of the running tasks) "
                "Reason: Command exited with code 1"
            ),
            "Spark lost a worker too often: Command exited with code 1",
        ),
        (
            IN_MODEL + UNRESOLVED.replace("line 16", "line 4"),
            "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with "
            "name `surname` cannot be resolved. Did you mean one of the following? [`day`]."
            "\n    models/days.sql, in what dbt made of it: create table staging.days",
        ),
    ],
)  # fmt: skip
def test_an_error_is_told_by_its_class_and_the_line_of_the_model(message, short):
    assert told(message, DAYS) == short


@pytest.mark.parametrize(
    "message", [CAST, TOO_LARGE, "[USER_RAISED_EXCEPTION] Jane\n[JANE] Doe SQLSTATE: P0001"]
)
def test_no_value_of_a_row_is_told(message):
    in_java = JAVA.format(cause="org.apache.spark.SparkRuntimeException: " + message)
    for given in (message, IN_MODEL + message, in_java):
        assert not {word for word in ("jane", "123456") if word in told(given, DAYS).lower()}


def test_what_is_no_error_of_spark_is_left_as_it_is():
    for message in (
        "Runtime Error in model days (models/days.sql)\n  all workers of spark://a:1 are gone",
        "Compilation Error in model days (models/days.sql)\n  This model has an enforced contract",
        "Runtime Error\n  Could not connect: Connection refused",
    ):
        assert told(message, DAYS) == message


@pytest.mark.parametrize(
    ("message", "exit_code", "lack"),
    [
        (JAVA.format(cause="java.lang.OutOfMemoryError: Java heap space"), None, "memory"),
        (
            JAVA.format(
                cause="ExecutorLostFailure (executor 1 exited caused by one of the running tasks) "
                "Reason: Container killed by YARN for exceeding physical memory limits. 5.5 GB of "
                "5.5 GB physical memory used."
            ),
            None,
            "memory",
        ),
        ("[UNABLE_TO_ACQUIRE_MEMORY] Unable to acquire 65536 bytes of memory", None, "memory"),
        ("[AGGREGATE_OUT_OF_MEMORY] No enough memory for aggregation", None, "memory"),
        (JAVA.format(cause="java.io.IOException: No space left on device"), None, "disk"),
        ("Runtime Error in model days (x.sql)\n  [Errno 111] Connection refused", 52, "memory"),
        ("Runtime Error in model days (x.sql)\n  [Errno 111] Connection refused", 1, None),
        (CAST.replace("Jane", "java.lang.OutOfMemoryError"), None, None),
    ],
)  # fmt: skip
def test_a_lack_of_room_is_told_as_one(message, exit_code, lack):
    assert lack_of(told(message, DAYS, exit_code)) == lack


def test_the_advice_on_memory_is_of_spark(tmp_path):
    heap = told(JAVA.format(cause="java.lang.OutOfMemoryError: Java heap space"), DAYS)

    @explains("building {}", "the last release keeps serving")
    def build(settings, layer):
        _raise_on_failure(settings, layer, [NodeResult("x", "model", "error", 1, heap, None, None)])

    with pytest.raises(OutOfRoom, match=r"building marts: .*spark\.executor\.memory"):
        build(Settings(home=tmp_path, engine="spark"), "marts")


def test_the_statement_of_a_node_is_the_last_that_dbt_sent_for_it():
    statements = Statements()
    for name, sql in (("SQLQuery", "drop"), ("SQLQuery", SENT), ("SQLQueryStatus", "")):
        node_info = SimpleNamespace(unique_id="model.saydo.days")
        data = SimpleNamespace(sql=sql, node_info=node_info)
        statements(SimpleNamespace(info=SimpleNamespace(name=name), data=data))
    node = SimpleNamespace(
        unique_id="model.saydo.days", original_file_path="models/days.sql", compiled_code=COMPILED
    )
    assert statements.of(node) == DAYS
    node.unique_id = "model.saydo.hours"
    assert statements.of(node) is None
