"""Report near-duplicates among the bodies of records: shingles, signatures, clusters."""
