"""The gates of this app."""

from core.outbound import registry
from notifications.gates import preference_gate, suppression_gate

registry.register_gate(preference_gate)
registry.register_gate(suppression_gate)
