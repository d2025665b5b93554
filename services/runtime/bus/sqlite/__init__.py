"""The embedded bus: the same promises as Kafka's, kept in the one SQLite file of the home folder.

`schema` says what the tables are, `session` owns a connection and its thread, `ledger` appends and reads records,
`members` decides who owns which partition, `retention` forgets by time, and `bus`, `consumer` and `tail` are the port.
"""
