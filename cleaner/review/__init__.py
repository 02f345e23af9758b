"""What rules do to corpora: hits on clean text, use of each rule, what a change of rules changes, drift."""
