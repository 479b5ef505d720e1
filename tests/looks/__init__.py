"""How the pages look: components of the mockups, axe, contrast, no sideways scrolling, pictures."""
