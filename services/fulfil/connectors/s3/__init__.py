"""Storage that speaks S3: files of records, and objects that belong to a person by their key."""
