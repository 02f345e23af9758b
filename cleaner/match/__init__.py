"""Matching: find the literals of all rules in one scan, confirm rules where they occur, settle findings into cuts."""
