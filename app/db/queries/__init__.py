"""Reading: each function is named for what it returns, takes a session first and ends in an order."""
