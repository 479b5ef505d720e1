"""Puts the person's active membership on the request."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts import queries
from core.client_address import client_address


class ActiveMembership:
    """`request.membership`: the membership that the session chose, else the oldest one; falsy when there is none.

    It is falsy too for a member whose account lets nobody in from this address; `request.kept_out` is that
    membership then, once `request.membership` was looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.kept_out = None

        def find() -> Any:
            membership = queries.find_active_membership(request)
            if membership is not None and not queries.may_come_in(membership.account, client_address(request)):
                request.kept_out, membership = membership, None
            return membership

        request.membership = SimpleLazyObject(find)
        return self.get_response(request)
