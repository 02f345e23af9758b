"""Settings of all generated tests: the same cases on every machine, and no deadline, as machines are busy.

A pattern is compiled once in a process, however many sets of rules the tests build: `regex` itself keeps 500.
"""

from functools import cache

import regex
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

regex.compile = cache(regex.compile)
