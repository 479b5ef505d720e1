"""What this app tells itself."""

from django.dispatch import Signal

rows_replaced = Signal()  # model, keys; inside the transaction of an erasure that leaves these rows
