"""Models beside each other, on rows that none of them had seen."""
