"""Tables of privacy: cases, copies, erasures."""
