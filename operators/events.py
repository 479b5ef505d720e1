"""What this app tells: sent on commit, may be lost."""

from django.dispatch import Signal

operator_joined = Signal()  # operator_id, account_id: a member became an operator
operator_status_changed = Signal()  # operator_id, account_id, status: now accepting, away or offline
