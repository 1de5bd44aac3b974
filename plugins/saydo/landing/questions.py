"""Question codes that no entry of `questions` declares: their answers have no role and no score."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

_SHOWN = 5
# What looks like a code; anything else might be an answer, or somebody's name or number.
_CODE = re.compile(r"(?=.*[A-Za-z])[\w .:/&?'-]{1,60}|\d{1,4}")


def undeclared_questions(declared: Mapping[str, str], counts: Mapping[str, int]) -> list[str]:
    """A sentence for each undeclared code of a file, the most frequent first.

    Args:
        declared: question code to role, the built-in ones included.
        counts: the file's question codes and their rows.
    """
    unknown = sorted((-rows, code) for code, rows in counts.items() if code not in declared)
    told = [_sentence(declared, code, -rows) for rows, code in unknown[:_SHOWN]]
    if more := unknown[_SHOWN:]:
        rows = -sum(rows for rows, _ in more)
        told.append(
            f"{rows} answers to {len(more)} more questions that `questions` does not declare"
        )
    return told


def _sentence(declared: Mapping[str, str], code: str, rows: int) -> str:
    if not _CODE.fullmatch(code):
        return (
            f"{rows} answers to a question whose code looks like none (not shown) have no role; "
            "map question_code to the question's code, and declare that in feeds.yml"
        )
    near = _nearest(declared, code)
    role = declared[near] if near else "other"
    hint = f"the nearest declared code is {near!r}; " if near else ""
    line = f"questions: {{{_quoted(code)}: {role}}}"
    return (
        f"{rows} answers to question {code!r} have no role and count for no score: no entry of "
        f"`questions` declares it; {hint}add to feeds.yml `{line}`"
        + ("" if near else ", or the role that it has")
    )


def _nearest(declared: Mapping[str, str], code: str) -> str | None:
    plain = {_plain(known): known for known in reversed(list(declared))}
    near = difflib.get_close_matches(_plain(code), list(plain), 1, cutoff=0.6)
    return plain[near[0]] if near else None


def _plain(code: str) -> str:
    return re.sub(r"\W+", "_", code.casefold()).strip("_")


def _quoted(code: str) -> str:
    return code if re.fullmatch(r"[A-Za-z]\w*", code) else '"' + code + '"'
