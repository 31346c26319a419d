"""Everything of the window but its frame: what is drawn in it, what it keeps, and who may use it."""
