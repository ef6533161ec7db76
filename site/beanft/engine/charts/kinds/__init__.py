"""The kinds of charts, one module each: SQL over the rows in, a drawing out."""
