"""Model backends, each behind the port ``ClassifierBackend``."""
