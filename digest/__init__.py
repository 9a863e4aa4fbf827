"""Digests: figures, composing, mail."""
