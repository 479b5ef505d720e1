"""What this app tells: sent by its actions after the commit, to whoever listens."""

from django.dispatch import Signal

membership_created = Signal()  # membership_id
membership_removed = Signal()  # membership_id, user_id, account_id
person_renamed = Signal()  # user_id
zone_changed = Signal()  # account_id: its days and hours are others now
