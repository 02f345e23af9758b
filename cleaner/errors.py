"""The errors of `cleaner`: one tree, each error saying where, what was found and what to write instead.

CleanerError
├── RuleError      a rule file is wrong: file, line, rule, field, reason, hint
├── InputError     an input cannot be opened or read at all (a broken record is a `Rejected`, never an error)
│   └── BrokenOff  an input ends too early, or breaks; the records before are sound
├── OutputError    an output cannot be written
└── OptionError    an option or argument makes no sense
"""

from __future__ import annotations


class CleanerError(Exception):
    """Stand at the root of every error that `cleaner` raises on purpose."""


class RuleError(CleanerError):
    """Say what is wrong in a rule file and what to write instead.

    `line` counts from 1; 0 where no line is known. `field` is a dotted path inside the rule.
    """

    def __init__(self, reason: str, *, path: str = "", line: int = 0, rule: str = "", field: str = "", hint: str = ""):
        self.reason, self.path, self.line, self.rule, self.field, self.hint = reason, path, line, rule, field, hint
        super().__init__(self._message())

    def _message(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        about = ", ".join(filter(None, [self.rule and f"rule {self.rule}", self.field and f"field {self.field}"]))
        head = ": ".join(filter(None, [place, about, self.reason]))
        return f"{head}. {self.hint}" if self.hint else head


class InputError(CleanerError):
    """Say which input cannot be read, and why."""


class BrokenOff(InputError):
    """Say which input breaks off, why, and after how many records."""


class OutputError(CleanerError):
    """Say which output cannot be written, and why."""


class OptionError(CleanerError):
    """Say which option or argument is wrong, and what is allowed."""
