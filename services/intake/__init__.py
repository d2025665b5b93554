"""Turns bytes into messages and replies into bytes."""
