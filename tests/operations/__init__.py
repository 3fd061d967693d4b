"""How the city is run: watched, stopped, backed up."""
