"""The bus on Kafka, with aiokafka.

`connection` reaches a broker, `topics` creates and describes, `producer` publishes, `consumer` and `watch` follow a
group or a whole topic, and `bus` is the port.
"""
