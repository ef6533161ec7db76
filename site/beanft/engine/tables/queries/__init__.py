"""Questions to a stored table: conditions, pages of rows, search, files of a view, the same in pandas."""
