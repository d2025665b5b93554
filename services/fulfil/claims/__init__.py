"""Claims that come on the bus: what each right does with the engine, and what it says when it is done."""
