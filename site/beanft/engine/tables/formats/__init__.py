"""Archives, workbooks, JSON, Parquet and Arrow files, made into a clean CSV or a typed table."""
