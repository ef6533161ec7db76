"""The bytes of a text table: encoding, division into rows and cells, and what is wrong with them."""
