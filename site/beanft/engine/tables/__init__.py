"""Tables: bytes to typed Parquet, what is known of each column, and the questions a page asks of them."""
