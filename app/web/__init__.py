"""Routes: find the thing, check the form, call one service, answer."""
