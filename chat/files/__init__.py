"""Files of chats: what they are, where they lie, how they are answered."""
