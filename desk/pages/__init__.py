"""Pages: one module each, named noun_verb, found from its address without a search."""
