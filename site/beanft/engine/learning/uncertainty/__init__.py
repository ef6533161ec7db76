"""How far a prediction can be trusted: intervals, sets and warnings, set on rows while they were unseen."""
