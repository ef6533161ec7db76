"""Model cards: everything worth knowing of a model on one page, and as one file."""
