"""How a file is read: looked at before anything is fixed, changed, and read again."""
