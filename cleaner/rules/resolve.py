"""Write out what a rule refers to: the phrases of its terms, the parts of its patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import regex

from cleaner.errors import RuleError
from cleaner.rules.atoms import is_sound
from cleaner.rules.expression import Expression
from cleaner.rules.load import NESTING, PATTERN_REF, Ruleset, shipped_rules
from cleaner.rules.schema import Rule
from cleaner.text.fold import fold, unify

_PROPERTY = regex.compile(r"\\[pP]\{[^}]*\}")
_CLASS = regex.compile(r"(?<!\\)\[\^?\]?(?:\\.|[^\]\\])*\]")
_UNSAFE = regex.compile(
    r"(?<!\\)(?:\\\\)*(?:\(\?(?:[=!>|&R(0-9+]|<[=!]|P[=>])|\\[1-9KGXL]|\\g<|[*+?}]\+|\{[^}]*[a-z<])"
)  # lookaround, atomic groups, recursion, backreferences, possessive repeats, fuzzy matching


_SHIPPED = str(shipped_rules())


@dataclass(frozen=True, slots=True)
class Resolver:
    """Write out what one rule refers to: terms become phrases, patterns become compiled expressions."""

    ruleset: Ruleset
    rule: Rule

    def phrases(self, texts: Sequence[str] | None) -> tuple[str, ...]:
        """Return literals and the phrases of the terms among them, folded; raises `RuleError` for an unknown term."""
        found: list[str] = []
        for text in texts or ():
            is_term = text.startswith("$") and text[1:2].isalpha()
            found += self._term(text[1:]) if is_term else [text]
        return tuple(dict.fromkeys(filter(None, map(fold, found))))

    def _term(self, name: str) -> tuple[str, ...]:
        if name not in self.ruleset.terms:
            self.refuse(f"the term ${name} exists in no language", self.rule.kind, "Add it to terms/<lang>.yaml")
        return self.ruleset.phrases(name, self.rule.scope.lang)

    def _part(self, name: str) -> str:
        if name not in self.ruleset.patterns:
            self.refuse(f"the pattern {{{{{name}}}}} does not exist", "re", "Define it under `patterns:`")
        return f"(?:{self.ruleset.patterns[name]})"

    def pattern(self, text: str) -> str:
        """Return a pattern with its references resolved and its dashes and spaces unified.

        Raises `RuleError` where the pattern is not of the RE2-safe subset, or refers to one that does not exist.
        """
        for _ in range(NESTING):
            text = PATTERN_REF.sub(lambda m: self._part(m.group(1)), text)
        plain = unify(text)
        if plain.count("-") > text.count("-"):  # a dash made plain would be a range inside a class
            plain = "".join("\\-" if char != "-" == new else new for char, new in zip(text, plain, strict=True))
        text = plain
        if unsafe := _UNSAFE.search(_CLASS.sub("x", _PROPERTY.sub("x", text))):
            self.refuse(
                f"{unsafe.group()!r} is outside the RE2-safe subset", "re", "No lookaround, backreference, atomic"
            )
        return text

    def compile(self, text: str) -> Expression:
        """Return a pattern ready to use; raises `RuleError` where it is broken. Those that come with the package are not."""
        expression = Expression(self.pattern(text))
        if not self.rule.path.startswith(_SHIPPED) and not is_sound(expression.pattern):
            try:
                expression.compiled  # noqa: B018 - tried here, so that the error names the rule
            except regex.error as error:
                self.refuse(
                    f"broken pattern: {error}",
                    "re",
                    "Write brackets and other signs that stand for themselves behind a backslash",
                )
        return expression

    def refuse(self, reason: str, field: str, hint: str = "") -> NoReturn:
        """Raise a `RuleError` that names the rule."""
        raise RuleError(
            reason, path=self.rule.path, line=self.rule.lineno, rule=self.rule.id, field=field, hint=hint
        )  # fmt: skip
