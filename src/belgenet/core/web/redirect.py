from http import HTTPStatus

from pyramid.response import Response


def see_other(address: str) -> Response:
    """``303 See Other`` with an empty body: unlike Pyramid's own it has no page of HTML, which the API's document does not know."""
    return Response(status=HTTPStatus.SEE_OTHER, headerlist=[("Location", address), ("Cache-Control", "no-store")])
