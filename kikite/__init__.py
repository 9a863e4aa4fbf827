"""The composition root: command line, wiring, clock, engine, doctor, demo. The only place that knows everybody."""
