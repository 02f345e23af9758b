"""Propose rules from a corpus: what many documents of one source share, where it stands, and what a rule for it would cut."""
