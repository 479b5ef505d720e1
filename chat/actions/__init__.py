"""Every write of the chat app, by noun."""
