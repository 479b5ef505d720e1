"""What this app tells: sent on commit, may be lost."""

from django.dispatch import Signal

preference_changed = Signal()  # user_id, account_id, kind, is_on
