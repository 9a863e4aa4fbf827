"""Understanding: language, model backends, bands, the batching service."""
