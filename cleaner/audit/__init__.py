"""Audit what runs have written: replay every record against its input, and tell what was done."""
