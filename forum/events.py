"""What this app tells itself and higher floors."""

from django.dispatch import Signal

author_goes = Signal()  # topic_keys, post_keys; inside the transaction that erases their author
posts_published = Signal()  # post_keys; on commit, may be lost
posts_redacted = Signal()  # post_keys; inside the transaction; answers how many posts of others were masked
reactions_go = Signal()  # keys; inside the transaction that deletes them
