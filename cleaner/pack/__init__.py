"""The skeleton that a rule pack of one's own begins with."""
