"""HTTP doors of the chat: pages, forms, files, and the doors of widget and bubble."""
