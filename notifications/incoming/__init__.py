"""Reads mails that arrive: headers, texts and files, without trusting any of them."""
