"""Name the tables that pages of docs/ take in where they say `<!-- generated: NAME -->`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from manual.command_line import write_command_line
from manual.rule_files import write_reference
from manual.settings import write_environment, write_project_keys
from manual.shipped import write_terms

TABLES: Mapping[str, Callable[[], str]] = {
    "command-line": write_command_line,
    "environment": write_environment,
    "project-keys": write_project_keys,
    "rule-files": write_reference,
    "terms": write_terms,
}
