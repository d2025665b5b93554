"""The live picture: a pure projection of the topics; Faust drives it on Kafka, the process itself when embedded."""
