"""An HTTP client of one tenant, over WSGI: no mocks, the whole stack."""

import uuid
from typing import Any

from webtest import TestApp, TestResponse


class Client:
    """Speaks to ``https://<host>/api/v1`` as one person (``token``) with a cookie jar of its own.

    >>> client.get("/site").json["tenant"]["slug"]
    """

    def __init__(self, wsgi: Any, host: str, token: str | None = None) -> None:
        self.host = host
        self.token = token
        self.app = TestApp(
            wsgi, extra_environ={"HTTP_HOST": host, "wsgi.url_scheme": "https", "REMOTE_ADDR": "127.0.0.9"}
        )

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> TestResponse:
        """Send; ``status`` None accepts any answer. A POST gets an Idempotency-Key unless ``headers`` has one."""
        sent = {
            "Accept-Language": "en",
            "Host": self.host,
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        if method == "POST":
            sent["Idempotency-Key"] = str(uuid.uuid4())
        sent.update(headers or {})
        path = path if path.startswith(("/api/", "/health", "/metrics")) else f"/api/v1{path}"
        call: dict[str, Any] = {"method": method, "headers": sent, "status": "*"}
        if raw is not None:
            call["body"] = raw
        elif body is not None:
            import json

            call["body"] = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        answer = self.app.request(f"https://{self.host}{path}", **call)
        assert status in {None, answer.status_int}, (
            f"{method} {path}: {answer.status}, not {status}: {answer.text[:500]}"
        )
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.request("POST", path, {} if body is None and "raw" not in options else body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.request("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.request("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.request("DELETE", path, **options)
