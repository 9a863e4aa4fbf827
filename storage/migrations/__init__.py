"""Revisions of the tables, applied by ``storage/migrate.py``. ``python -m storage.migrations "what changes"`` drafts the next.

Rules for a revision: it imports nothing of Kikite (the models move on, a revision stays); SQLite rebuilds a table for most
changes (``op.batch_alter_table``), and a rebuilt table loses its triggers, so make them again; there is no way down but
the backup.
"""
