"""The one scan for the literals of all rules: keys, the engines that look for them, and the index that reads the hits."""
