"""What operators work with: rows in words, saved replies, tags, blocks, the palette."""
