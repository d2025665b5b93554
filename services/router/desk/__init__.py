"""The officers' desk: looking at cases, deciding what only a human can, taking in letters and calls, handing out proof.

`services/router/api/cases.py` puts the parts together; the command line and the console call them there.
"""
