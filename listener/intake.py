"""From incoming mentions to rows: NFKC once, dedupe, thread, own replies dropped."""
