"""What the outbox tells others."""

from django.dispatch import Signal

# kwargs: address (core.outbound.Address), kind (str), recipient (str, "user:12"), account_ref (int or None).
# The mail server said that the address does not exist; the delivery is dropped. Sent on commit.
address_bounced = Signal()
