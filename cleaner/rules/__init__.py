"""Rule files: their model, their strict loader, the literals derived from them."""

from cleaner.rules.load import Ruleset, load_rules, load_shipped, shipped_rules
from cleaner.rules.schema import Rule

__all__ = ["Rule", "Ruleset", "load_rules", "load_shipped", "shipped_rules"]
