"""From clauses to promises: what binds the controller, with its quotation and how sure the reading is."""
