"""What this app tells: sent on commit, may be lost."""

from django.dispatch import Signal

operator_joined = Signal()  # operator_id, account_id: a member became an operator
operator_status_changed = Signal()  # operator_id, account_id, status: now accepting, away or offline
room_made = Signal()  # account_id: somebody may have room for another chat: a higher limit, a place in a group
groups_changed = Signal()  # account_id: groups, their members or opening hours are others now
