"""Operations of the API about lists of operators to invite (S94, S95)."""

import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api_base import ApiRequest, ApiView, operation
from core.api import FormParser
from core.limits import count_use
from core.uploads import LARGEST_UPLOAD, read_upload
from operators import actions, queries
from operators.imports import count_codes, list_verdicts
from operators.models import ImportDraft, ImportRow
from operators.spreadsheet.sentences import CODES as FILE_CODES
from operators.spreadsheet.sentences import ImportProblem

ROW_CODES = [str(code) for code in ImportRow.Code if code != ImportRow.Code.CREATED]


class CountsSerializer(serializers.Serializer[Any]):
    """What becomes of the rows: of a preview what confirming would give, of a confirmed list what it gave."""

    rows = serializers.IntegerField(help_text=_("Rows with people; created + skipped + refused."))
    created = serializers.IntegerField(help_text=_("Rows that are invited."))
    skipped = serializers.IntegerField(help_text=_("Twice in the file, in the team or invited already, not invited."))
    refused = serializers.IntegerField(help_text=_("Rows that have to be corrected first."))


class RowSerializer(serializers.Serializer[Any]):
    """One row and what becomes of it."""

    row = serializers.IntegerField(help_text=_("The number that a person sees in Excel."))
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    verdict = serializers.ChoiceField(["invite", "skip"])
    code = serializers.ChoiceField(ROW_CODES, allow_blank=True, help_text=_("Empty for a row that is invited."))
    message = serializers.CharField(help_text=_("One sentence for people."))


class ImportSerializer(serializers.Serializer[Any]):
    """A list of people that was read from a spreadsheet."""

    id = serializers.UUIDField(help_text=_("Valid for an hour."))
    state = serializers.ChoiceField(ImportDraft.State.choices)
    counts = CountsSerializer()
    rows = RowSerializer(many=True)


class UploadSerializer(serializers.Serializer[Any]):
    """The one field of the upload."""

    file = serializers.FileField(help_text=_("An .xlsx file of at most 10 MB with at most 100 people."))


def describe(draft: ImportDraft) -> dict[str, Any]:
    """The list as the API and the command answer it."""
    rows = queries.list_import_rows(draft)
    return {
        "id": str(draft.public_id),
        "state": str(draft.state),
        "counts": vars(count_codes(row.code for row in rows)),
        "rows": [
            {
                "row": one.row, "name": one.name, "email": one.email, "verdict": one.verdict, "code": one.code,
                "message": one.message,
            }
            for one in list_verdicts(draft, rows)
        ],
    }  # fmt: skip


GONE = {404: _("`not_found`: no such list, or its hour is over.")}
REFUSED = {
    400: _("The file is refused: %(codes)s.") % {"codes": ", ".join(f"`{code}`" for code in sorted(FILE_CODES))},
    413: _("`too_large`: the file, or what it unpacks to."),
    415: _("`unsupported_format`: an old or foreign kind of spreadsheet."),
}


class Imports(ApiView):
    """Upload a list."""

    action = "team.edit"
    max_body = LARGEST_UPLOAD + 65_536
    parser_classes = (FormParser,)

    @operation(
        _("Read a spreadsheet of people to invite; nobody is invited yet"),
        request={"multipart/form-data": UploadSerializer}, answers={201: ImportSerializer}, errors=REFUSED,
        operation_id="read_import", tags=["operators"],
    )  # fmt: skip
    def post(self, request: ApiRequest) -> Response:
        count_use("team.import", f"user:{request.user.pk}")
        upload = request.FILES.get("file")
        if upload is None:
            raise ImportProblem("empty_file")
        draft = actions.read_import(
            account=request.membership.account, data=read_upload(upload), name=upload.name or "", by=request.membership
        )
        return Response(describe(draft), status=201)


class Import(ApiView):
    """A list that was uploaded."""

    action = "team.edit"

    @operation(_("See a list again"), answers={200: ImportSerializer}, errors=GONE, operation_id="see_import",
               tags=["operators"])  # fmt: skip
    def get(self, request: ApiRequest, public_id: uuid.UUID) -> Response:
        return Response(describe(queries.find_import_for(request.membership, public_id)))


class ConfirmImport(ApiView):
    """Invite the people of a list."""

    action = "team.edit"

    @operation(
        _("Invite everybody in a list who can be invited; again changes nothing"), answers={200: ImportSerializer},
        errors={**GONE, 400: _("`nobody`: no row can be invited.")}, operation_id="confirm_import", tags=["operators"],
    )  # fmt: skip
    def post(self, request: ApiRequest, public_id: uuid.UUID) -> Response:
        draft = queries.find_import_for(request.membership, public_id)
        actions.confirm_import(draft=draft, by=request.membership)
        return Response(describe(draft))
