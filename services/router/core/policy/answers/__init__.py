"""Answers from a policy: which clause answers a question, whether any does, and how it is said."""
