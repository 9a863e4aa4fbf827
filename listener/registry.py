"""Which channels there are, by entry point, and how one is made from its settings."""
