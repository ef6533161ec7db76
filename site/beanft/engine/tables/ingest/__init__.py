"""The steps by which an upload becomes a typed Parquet file and its profile."""
