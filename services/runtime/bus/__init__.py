"""One bus port, two buses: SQLite when embedded, Kafka when scaled out."""
