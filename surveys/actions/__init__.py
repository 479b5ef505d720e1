"""Every write of surveys, by noun."""

from surveys.actions.building import copy_survey, delete_survey, save_survey, switch_survey
from surveys.actions.filling import decline, fill_in, take_back

__all__ = ["copy_survey", "decline", "delete_survey", "fill_in", "save_survey", "switch_survey", "take_back"]
