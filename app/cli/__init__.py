"""Commands: a few lines over a service each."""
