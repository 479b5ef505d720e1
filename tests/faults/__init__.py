"""What must survive: killed processes, stalled readers, lost hints (SAFETY.md 2.2)."""
