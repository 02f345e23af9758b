"""What people look at: documents with their cuts in place, and tallies over many."""
