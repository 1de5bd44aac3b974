"""Whether anybody's movements of recurring revenue can be true: rules, and golden histories."""

from saydo.conform.golden import GOLDEN, Golden, write_golden
from saydo.conform.movements import Movement, read_movements
from saydo.conform.rules import RULES, Break, rule_breaks

__all__ = [
    "GOLDEN",
    "RULES",
    "Break",
    "Golden",
    "Movement",
    "read_movements",
    "rule_breaks",
    "write_golden",
]
