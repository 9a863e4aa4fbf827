"""Rows: models, transactions, claims, repositories (one module of functions a subject) and migrations."""
