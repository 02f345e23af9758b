"""Settings of all generated tests: the same cases on every machine, and no deadline, as machines are busy."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
