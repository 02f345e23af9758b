"""Clean whole inputs: in batches, over processes, results in the order of the input."""
