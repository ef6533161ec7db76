"""What is known of the columns of a table: figures, histograms, frequent values."""
