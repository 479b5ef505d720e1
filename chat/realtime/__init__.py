"""The chat path: protocol, runtime, group-commit writer, who is here, what is due."""
