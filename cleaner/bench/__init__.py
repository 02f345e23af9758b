"""Measure extraction and cleaning: scores against gold, folds that keep publishers apart, intervals that resample them."""
