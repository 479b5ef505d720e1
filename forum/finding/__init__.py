"""The full-text index of the forum on both databases: the words of published posts, and the titles of topics."""
