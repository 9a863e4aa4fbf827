"""Drafters beside the composer: a language model that rewords what the composer stands for, and never decides anything."""
