"""What the scores of an experiment show: intervals, comparisons, verdict, references, use of more rows."""
