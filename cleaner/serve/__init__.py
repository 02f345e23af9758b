"""Serve `cleaner` over HTTP: the playground of rule authors, and an API for programs."""
