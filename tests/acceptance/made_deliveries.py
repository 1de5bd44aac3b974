"""A small telephone company's deliveries, each as a tool that many use would write it.

Six customers. Every value that a test expects can be counted here by hand.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

CUSTOMERS = [  # number, mail, mobile, since, region, monthly charge
    ("C1001", "ann@example.org", "+44 7700 900101", "15/01/2024", "North", "20.00"),
    ("C1002", "bob@example.org", "+44 7700 900102", "16/01/2024", "North", "25.00"),
    ("C1003", "cas@example.org", "+44 7700 900103", "17/02/2024", "South", "30.00"),
    ("C1004", "dee@example.org", "+44 7700 900104", "18/02/2024", "South", "20.00"),
    ("C1005", "eli@example.org", "+44 7700 900105", "19/03/2024", "West", "25.00"),
    ("C1006", "fay@example.org", "+44 7700 900106", "20/03/2024", "West", "30.00"),
]


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def crm() -> dict[str, str]:
    """The accounts of a CRM, with mail and mobile, and what each pays a month."""
    head = ["Customer No", "E-mail", "Mobile", "Signup Date", "Region"]
    plans = ["subscription_no", "customer_no", "tariff", "mrc", "start_date"]
    return {
        "crm_customers.csv": _csv([head, *([*row[:5]] for row in CUSTOMERS)]),
        "subscriptions.csv": _csv(
            [plans]
            + [[f"S{row[0][1:]}", row[0], "flat", row[5], "2024-04-01"] for row in CUSTOMERS]
        ),
    }


def invoices() -> dict[str, str]:
    """Charges in pence of January to March 2025: 20.00 for each customer and month, one refund."""
    rows = [["invoice_no", "customer_no", "invoice_date", "type", "amount_pence", "currency"]]
    for month in (1, 2, 3):
        for number, *_ in CUSTOMERS:
            rows.append([f"I{month}{number}", number, f"2025-0{month}-05", "charge", "2000", "GBP"])
    rows.append(["I9C1001", "C1001", "2025-03-20", "refund", "-500", "GBP"])
    return {"invoices.csv": _csv(rows)}


def typeform() -> dict[str, str]:
    """Webhooks: an object a line, a list of answers in each, whose it is in a hidden field."""
    answered = [  # token, whose, when, recommend (0-10), overall (1-5), words
        ("t1", "C1001", "2025-03-01T10:00:00Z", 9, 5, "quick"),
        ("t2", "C1002", "2025-03-02T11:00:00Z", 6, 3, None),
        ("t3", "C1003", "2025-03-03T12:00:00Z", 10, 4, "fine"),
    ]
    lines = []
    for token, whose, when, recommend, overall, words in answered:
        answers = [_number("nps", recommend), _number("overall_rating", overall)]
        if words:
            field = {"id": "f3", "ref": "why", "type": "long_text"}
            answers.append({"type": "text", "text": words, "field": field})
        response = {
            "form_id": "pulse", "token": token, "submitted_at": when,
            "hidden": {"customer_no": whose}, "answers": answers,
            "definition": {"id": "pulse", "fields": [{"id": "f1", "title": "How likely…?"}]},
        }  # fmt: skip
        event = {"event_id": f"e{token}", "event_type": "form_response", "form_response": response}
        lines.append(json.dumps(event) + "\n")
    return {"typeform/webhooks.jsonl": "".join(lines)}


def _number(ref: str, value: int) -> dict[str, object]:
    field = {"id": f"id_{ref}", "ref": ref, "type": "opinion_scale"}
    return {"type": "number", "number": value, "field": field}


def surveymonkey() -> dict[str, str]:
    """An export of two header lines: questions, and below them their parts."""
    first = ["Respondent ID", "Collector ID", "Date Created", "Date Modified", "IP Address",
             "Email Address", "How likely is it that you would recommend us to a friend?",
             "Please rate the following", "", "Anything else?"]  # fmt: skip
    second = ["", "", "", "", "", "", "Response", "Network coverage", "Value for money",
              "Open-Ended Response"]  # fmt: skip
    rows = [
        ["118001", "41", "02/14/2025 09:00:00 AM", "02/14/2025 09:05:00 AM", "192.0.2.1",
         "ann@example.org", "10", "5", "4", ""],
        ["118002", "41", "02/15/2025 01:30:00 PM", "02/15/2025 01:31:00 PM", "192.0.2.2",
         "DEE@example.org", "3", "2", "1", "too dear"],
        ["118003", "41", "02/16/2025 08:00:00 AM", "02/16/2025 08:02:00 AM", "192.0.2.3",
         "eli@example.org", "8", "", "3", ""],
    ]  # fmt: skip
    return {"surveymonkey/Customer survey.csv": _csv([first, second, *rows])}


def google_forms() -> dict[str, str]:
    """A sheet of answers: question texts name the columns, a mail address says whose they are."""
    head = [
        "Timestamp",
        "Email Address",
        "How satisfied are you with our service overall?",
        "How likely are you to recommend us to a friend?",
        "What should we do better?",
    ]
    rows = [
        ["1/20/2025 10:05:33", "bob@example.org", "4", "8", "more coverage"],
        ["1/21/2025 18:30:00", "cas@example.org", "2", "0", ""],
        ["1/22/2025 7:00:01", "fay@example.org", "5", "10", "nothing"],
    ]
    return {"Service feedback (Responses).csv": _csv([head, *rows])}


def cdr() -> dict[str, str]:
    """Call records of two days, a file each: calling number, start, seconds, cell."""
    head = ["call_id", "calling_number", "called_number", "start_time", "duration", "cell_id"]
    days = {
        "20250301": [
            ["c1", "447700900101", "447700900999", "2025-03-01 09:00:00", "60", "X1"],
            ["c2", "447700900101", "447700900998", "2025-03-01 10:00:00", "120", "X1"],
            ["c3", "447700900102", "447700900999", "2025-03-01 23:59:00", "180", "X2"],
        ],
        "20250302": [
            ["c4", "447700900101", "447700900997", "2025-03-02 09:30:00", "30", "X1"],
            ["c5", "447700900106", "447700900996", "2025-03-02 12:00:00", "600", "X3"],
        ],
    }
    return {f"cdr/calls_{day}.csv": _csv([head, *rows]) for day, rows in days.items()}


def deliver(landing: Path, *made: dict[str, str]) -> list[Path]:
    """Write deliveries below a landing folder; the paths, in order."""
    written = []
    for files in made:
        for name, text in files.items():
            path = landing / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
            written.append(path)
    return sorted(written)
