"""One file per platform: the only place that imports its SDK, lazily."""
