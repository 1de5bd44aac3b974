"""What was asked, in the words of the questionnaires."""

from __future__ import annotations

from collections.abc import Sequence

from saydo.report.section import Rows, Section
from saydo.report.tables import Table, table

QUESTIONS_SQL = """\
select coalesce(question_text, question_code) as question, question_code, question_role,
    answer_count, scored_count, last_answered_at
from survey_questions
order by answer_count desc, question_code
limit 100"""


def _say(rows: Rows) -> Sequence[str]:
    most = rows[0]
    count = "question was" if len(rows) == 1 else "questions were"
    found = [
        f"{len(rows)} {count} answered; most often: “{most['question']}” "
        f"({most['answer_count']:,} answers)."
    ]
    without = sum(row["question_role"] == "other" for row in rows)
    return [*found, f"{without} of them have no role and count for no score."] if without else found


def _tabulate(rows: Rows) -> Table:
    names = ("question", "code", "role", "answers", "with a score", "last answered")
    return table(names, [list(row.values()) for row in rows])


QUESTIONS = Section(
    "questions", "What was asked", QUESTIONS_SQL, _say, tabulate=_tabulate, is_silent=True,
    note="A question is called what the header rows of the newest file call it, else by its code; "
    "the table has the hundred most often answered.",
)  # fmt: skip
