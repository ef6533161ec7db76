"""How rows to predict are read, cell by cell and in whole columns, with every repair and error told."""
