"""The web desk: sign-in, inbox, decisions, live events."""
