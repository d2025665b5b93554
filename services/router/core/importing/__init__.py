"""Open cases from another tool's export: a table of text in, requests and faults by line out. No file is read here."""
