"""Operations of the API about goals, sales and refunds: what an account's own server says is checked (S19, S20)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api_base import ApiRequest, ApiView, operation
from chat.actions.conversions import count_goal, count_sale
from chat.touching import find_visitor_said
from core.errors import Refused
from facts.actions import refund_sale
from facts.models import Goal, Sale
from facts.money import plain_amount
from facts.queries import find_goal_named


class TextField(serializers.CharField):
    """Text that is text: a number of JSON may have lost its last digits before anybody looked."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("Send this as text, in quotation marks."))
        return str(super().to_internal_value(data))


class WhoseSerializer(serializers.Serializer[Any]):
    """Whose it is: one of the three."""

    visitor = serializers.UUIDField(required=False, help_text=_("The visitor's id."))
    chat = serializers.UUIDField(required=False, help_text=_("The id of one of the visitor's chats."))
    external_id = TextField(
        required=False, max_length=120, help_text=_("Your number of the visitor, as your website identified them.")
    )


class NewGoalSerializer(WhoseSerializer):
    """A goal that was reached."""

    goal = TextField(max_length=60, help_text=_("The word of the goal, as in the settings."))


class CountedSerializer(serializers.Serializer[Any]):
    """What became of it."""

    counted = serializers.BooleanField(
        help_text=_("False: no chat of the visitor led to it, or it was counted for that chat before.")
    )


class NewSaleSerializer(WhoseSerializer):
    """An order."""

    order = TextField(max_length=64, help_text=_("Your number of the order; a repeat changes nothing."))
    amount = TextField(max_length=20, help_text=_("In the currency's own units, as text: 12.50"))
    currency = TextField(max_length=3, help_text=_("ISO 4217: EUR"))


class SaleSerializer(serializers.Serializer[Any]):
    """An order as it stands."""

    order = serializers.CharField()
    amount = serializers.CharField()
    refunded = serializers.CharField()
    currency = serializers.CharField()
    direct = serializers.BooleanField(help_text=_("The chat was going on when the order was made."))
    checked = serializers.BooleanField(help_text=_("Said by your server, not by a browser only."))


class MadeSaleSerializer(CountedSerializer):
    """What became of an order."""

    sale = SaleSerializer(allow_null=True, help_text=_("null: no chat of the visitor led to the order."))


class RefundSerializer(serializers.Serializer[Any]):
    """What was given back."""

    order = TextField(max_length=64)
    amount = TextField(required=False, max_length=20, help_text=_("Left out: all that is left of it."))


def describe(sale: Sale) -> dict[str, Any]:
    """A sale as the API answers it."""
    return {
        "order": sale.order, "amount": plain_amount(sale.amount, sale.currency),
        "refunded": plain_amount(sale.refunded, sale.currency), "currency": sale.currency, "direct": sale.is_direct,
        "checked": sale.is_checked,
    }  # fmt: skip


def _read(kind: type[serializers.Serializer[Any]], request: ApiRequest) -> dict[str, Any]:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _visitor_pk(request: ApiRequest, said: dict[str, Any]) -> int:
    visitor, chat, external_id = (said.get(key) for key in ("visitor", "chat", "external_id"))
    found = find_visitor_said(request.membership.account, visitor=visitor, chat=chat, external_id=external_id or "")
    return int(found.pk)


class Goals(ApiView):
    """A goal was reached."""

    action = "sales.record"

    @operation(
        _("Say that a visitor reached a goal; for one chat it counts once"), request=NewGoalSerializer,
        answers={200: CountedSerializer}, operation_id="record_goal", tags=["goals and sales"],
        errors={404: _("`not_found`: no such visitor, chat or goal.")},
    )  # fmt: skip
    def post(self, request: ApiRequest) -> Response:
        said = _read(NewGoalSerializer, request)
        account = request.membership.account
        goal = find_goal_named(account, said["goal"], (Goal.Source.API, Goal.Source.EVENT))
        if goal is None:
            raise Refused("not_found", _("There is no goal with this word."), status=404)
        counted = count_goal(account=account, visitor_pk=_visitor_pk(request, said), goal=goal)
        return Response({"counted": counted})


class Sales(ApiView):
    """An order was made."""

    action = "sales.record"

    @operation(
        _("Record an order; again it changes nothing, and what a browser said of it is replaced"),
        request=NewSaleSerializer, answers={200: MadeSaleSerializer}, operation_id="record_sale",
        tags=["goals and sales"],
        errors={404: _("`not_found`: no such visitor or chat."),
                409: _("`conflict`: this order was sent before with another amount."),
                400: _("`bad_amount`, `bad_currency`, `bad_order`, `invalid`: see `fields`.")},
    )  # fmt: skip
    def post(self, request: ApiRequest) -> Response:
        said = _read(NewSaleSerializer, request)
        account = request.membership.account
        names_nobody = not {"visitor", "chat", "external_id"} & set(said)
        visitor_pk = None if names_nobody else _visitor_pk(request, said)
        sale, is_new = count_sale(
            account=account, visitor_pk=visitor_pk, order=said["order"], amount=said["amount"],
            currency=said["currency"], checked=True,
        )  # fmt: skip
        return Response({"counted": is_new, "sale": describe(sale) if sale is not None else None})


class Refunds(ApiView):
    """An order was given back."""

    action = "sales.record"

    @operation(
        _("Note a refund, of the whole order or of a part"), request=RefundSerializer, answers={200: SaleSerializer},
        operation_id="record_refund", tags=["goals and sales"],
        errors={404: _("`not_found`: no such order."), 409: _("`too_much`: more than is left of it."),
                400: _("`bad_amount`, `invalid`: see `fields`.")},
    )  # fmt: skip
    def post(self, request: ApiRequest) -> Response:
        said = _read(RefundSerializer, request)
        account = request.membership.account
        sale = refund_sale(account=account, order=said["order"], amount=said.get("amount", ""), by=request.membership)
        return Response(describe(sale))
