"""The visitor's chat window: its form, languages, colours, mails, and what it keeps."""
