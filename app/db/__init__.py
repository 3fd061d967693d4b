"""Rows and queries. Knows PostgreSQL, knows no web."""
