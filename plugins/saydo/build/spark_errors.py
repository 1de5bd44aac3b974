"""What an error of Spark says: its class, where in the SQL, and no value of a row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

# `[CLASS.SUBCLASS] words SQLSTATE: 42703`, at the start or after an exception's name: a row, quoted
# elsewhere, may look like one.
_CONDITION = re.compile(
    r"(?:\A|(?:Exception|Error): )\[(?P<name>[A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\] *(?P<words>[^\n]*)"
)
_STATE = re.compile(r"SQLSTATE: (?P<state>[0-9A-Z]{5})")
# States whose words are about the SQL, the catalog or a file. Others may quote rows.
_WITHOUT_ROWS = ("42", "0A", "KD")
_PLACE = re.compile(r"(?:; line |\(line )(?P<line>\d+),? pos(?:ition)? \d+")
_QUERY = re.compile(r"== SQL(?P<view> of VIEW \S+)? \(line (?P<line>\d+), position \d+\) ==")
_JAVA = re.compile(
    r"(?:^|: |Caused by: )((?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error))\b", re.MULTILINE
)
_LOST = re.compile(r"ExecutorLostFailure \([^)]*\)(?: Reason: (?P<reason>[^\n]*))?")
_MEMORY = re.compile(
    r"java\.lang\.OutOfMemoryError|SparkOutOfMemoryError|\[(?:UNABLE_TO_ACQUIRE|\w+_OUT_OF)_MEMORY\]|"
    r"OOMKilled|"
    r"ExecutorLostFailure [^\n]*(?:exceeding (?:physical |virtual )?memory|exited with code 52\b)"
)
_DISK = re.compile(
    r"java\.io\.IOException: [^\n]*(?:No space left on device|Disk quota exceeded|File too large)"
)
_ENDED = re.compile(
    r"Connection refused|Answer from Java side is empty|Error while sending or receiving|"
    r"Py4JNetworkError"
)
_OF_DBT = re.compile(r"\A\s*(?:Runtime Error in \w+ [^\n]*\n\s*)?(?:Runtime Error\n\s*)*")
_LACKS = ("UNABLE_TO_ACQUIRE_MEMORY", "AGGREGATE_OUT_OF_MEMORY")
_KILLED = (52, -9, 137)  # Java that ends for lack of memory, and by the system


@dataclass(frozen=True)
class Statement:
    """What Spark was sent, and the model or test that it was for."""

    sql: str
    file: str
    compiled: str


def told(message: str, statement: Statement | None = None, exit_code: int | None = None) -> str:
    """dbt's message about an error of Spark, without Java's stack and without a value of a row.

    A lack of room is told in words that `saydo.room` knows. What is no error of Spark is left.

    Args:
        message: as dbt has it.
        statement: what ran.
        exit_code: how Spark's Java ended, if it did.
    """
    own = _OF_DBT.sub("", message, count=1).lstrip()
    conditions = list(_CONDITION.finditer(own))
    if conditions and conditions[0].start() == 0 and conditions[0]["name"] not in _LACKS:
        # What it quotes of a row is no evidence of anything else.
        return _words(conditions[0], own) + _where(own, statement)
    if lack := _lack(own, exit_code):
        return lack
    if exit_code is not None and _ENDED.search(own):
        return "Spark's Java ended, and with it all that was to run; its last words are above"
    if lost := _LOST.search(own):
        reason = (lost["reason"] or "no reason told").rstrip(". ")
        return f"Spark lost a worker too often: {reason}"
    if conditions:
        return _words(conditions[-1], own) + _where(own, statement)
    causes = _JAVA.findall(own)
    if causes:
        return f"{causes[-1]} (Spark's words may quote rows: left out)" + _where(own, statement)
    return message


def java_exit_code() -> int | None:
    """How the Java that this process started ended; None while it runs, or if there is none."""
    try:
        from pyspark import SparkContext
    except ImportError:
        return None
    process = getattr(SparkContext._gateway, "proc", None)
    return None if process is None else process.poll()


class Statements:
    """The last statement of each node: a callback for dbt's events."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def __call__(self, event: Any) -> None:
        """Note what dbt is about to send."""
        if event.info.name == "SQLQuery":
            self._last[event.data.node_info.unique_id] = event.data.sql

    def of(self, node: Any) -> Statement | None:
        """What was last sent for a node of dbt."""
        sql = self._last.get(node.unique_id)
        compiled = getattr(node, "compiled_code", None) or ""
        return None if sql is None else Statement(sql, node.original_file_path, compiled)


def _lack(message: str, exit_code: int | None) -> str | None:
    if _DISK.search(message):
        return "IO Error: No space left on device, where Spark writes"
    if _MEMORY.search(message) or (exit_code in _KILLED and _ENDED.search(message)):
        return "Out of Memory Error: of the Java of Spark"
    return None


def _words(condition: re.Match[str], message: str) -> str:
    name, words = f"[{condition['name']}]", condition["words"]
    state = _STATE.search(message, condition.start())
    if state is None or not state["state"].startswith(_WITHOUT_ROWS):
        return name
    return f"{name} {words.partition('SQLSTATE:')[0].strip()}"


def _where(message: str, statement: Statement | None) -> str:
    """The line that Spark points to: of the model as compiled, else of the statement around it."""
    query = _QUERY.search(message)
    if query and query["view"]:  # the view's own model is another
        return f"\n    in the view{query['view'].removeprefix(' of VIEW')}, line {query['line']}"
    place = query or _PLACE.search(message)
    if place is None or statement is None:
        return f"\n    {statement.file}" if statement else ""
    line = int(place["line"])
    lines = statement.sql.splitlines()
    text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    before, found, _ = statement.sql.partition(statement.compiled.strip() or "\0")
    own = line - before.count("\n")
    if found and 0 < own <= len(statement.compiled.strip().splitlines()):
        return f"\n    {statement.file}, line {own} as compiled: {text}"
    return f"\n    {statement.file}, in what dbt made of it: {text}"
