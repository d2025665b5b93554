"""Tables that are files: CSV, JSON Lines, JSON and Parquet, one file or a folder of files a table."""
