"""Invented scraped documents with exact gold: the noise in many shapes, and look-alikes that must stay."""
