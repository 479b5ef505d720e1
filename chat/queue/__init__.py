"""Who waits, who could answer, and who is told when nobody does."""
