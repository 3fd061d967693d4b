"""The demo city: accounts and reports of nobody, made by running the SOPs. Never in production."""
