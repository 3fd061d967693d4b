"""The outside world: clock, photo store, images, senders. One Protocol each."""
