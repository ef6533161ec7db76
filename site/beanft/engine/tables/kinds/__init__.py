"""What one cell can mean, and what all cells of a column say of its kind."""
