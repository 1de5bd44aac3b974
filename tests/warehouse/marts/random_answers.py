"""Random histories in which customers say what they mean to do, leave, and say why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from random_business import RandomBusiness

# Question to its role; one code was of another role before, and one has none.
QUESTIONS = {
    "overall": "overall_satisfaction", "nps": "recommend", "stay": "stated_stay_intent",
    "stay_again": "stated_stay_intent", "spend": "stated_spend_intent", "why": "cancel_reason",
    "free": "other",
}  # fmt: skip
REASONS = ("Price too high", " bad SIGNAL at home", "Moved", "Attitude of support person",
           "because", " ", None)  # fmt: skip
SILENT = 5  # of the numbers, nobody asks this many


class RandomAnswers(RandomBusiness):
    """Answers up to 230 days ago; free plans, yearly bills, spans that end before they start."""

    def deliver(self, home: Any) -> None:
        super().deliver(home)
        home.deliver(
            "survey_invitations",
            [
                self._whose(f"m{n}")
                | {
                    "invitation_id": f"i{n}", "survey_code": "wave", "status": "sent",
                    "invited_at": self.at(self.day(200)), "design_weight": 1,
                }
                for n in range(0, self.count, 3) if n >= SILENT
            ],
        )  # fmt: skip

    def _subscriptions(self, number: str) -> list[dict[str, Any]]:
        rows = super()._subscriptions(number)
        for row in rows:
            if self.draw.random() < 0.15:
                row["recurring_amount"] = 0
            elif self.draw.random() < 0.15:
                row["billing_interval"] = self.draw.choice(("week", "quarter", "year"))
        if rows and self.draw.random() < 0.3:
            rows = [rows[0] | {"ended_at": self.at(self.day(94))}]  # and nothing else: they left
        if self.draw.random() < 0.2:
            started = self.at(self.day(200))
            rows.append(
                self._whose(number)
                | {
                    "subscription_id": f"{number}_odd", "product_type": "add_on",
                    "product_code": "radio", "recurring_amount": 9, "currency": "EUR",
                    "billing_interval": "month", "started_at": started,
                    "ended_at": started - timedelta(days=3), "updated_at": started,
                }
            )  # fmt: skip
        return rows

    def _answers(self, number: str) -> list[dict[str, Any]]:
        if int(number[1:]) < SILENT:
            return []
        rows = []
        for n in range(self.draw.randint(0, 4)):
            at, text = self.at(self.day(230)), self.draw.choice(REASONS)
            for question in self.draw.sample(sorted(QUESTIONS), 3):
                is_why = question == "why"
                rows.append(
                    self._whose(number)
                    | {
                        "response_id": f"{number}_{n}", "survey_code": "wave",
                        "question_code": question, "responded_at": at, "scale_min": 0,
                        "scale_max": 10, "answer_text": text if is_why else None,
                        "score": None if is_why or self.draw.random() < 0.1
                        else self.draw.randint(0, 10),
                    }
                )  # fmt: skip
        # Somebody's answers come twice, under another response; a stranger's are nobody's.
        again = [row | {"response_id": f"{row['response_id']}_again"} for row in rows[:2]]
        strange = [row | {"id_key": "nobody", "response_id": "s" + number} for row in rows[:1]]
        return rows + again + strange
