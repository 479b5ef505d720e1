"""The bubble on the website of a customer: its script, greetings, and signed identity."""
