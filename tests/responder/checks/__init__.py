"""The checks against replies that must pass or be caught."""
