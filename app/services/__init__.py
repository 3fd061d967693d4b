"""Use cases: each asks the rules, pushes the engine, writes rows and records the event. None commits."""
