"""Steps that the tests of accounts share."""

import re
import threading
from collections.abc import Callable
from typing import Any

PASSWORD = "kiraz agaci altinda 7"
STRANGER = "the stranger's words"
"""The password of somebody else, who may come before or after."""
EMAIL = "ayse@example.org"
NAME = "Ayşe Yılmaz"


def register(app: Any, system: Any, email: str = EMAIL, **extra: Any) -> None:
    """Ask for an account and let the mail go out."""
    app.post("/auth/register", {"email": email, "password": PASSWORD, "full_name": NAME, **extra}, status=202)
    system.drain()


def mails(sink: Any, email: str = EMAIL) -> list[Any]:
    """What that person got, the oldest first."""
    return sorted(sink.mails(email), key=lambda mail: mail.id)


def token_in(mail: Any) -> str:
    """The secret of the link in a mail."""
    found = re.search(r"#token=([\w-]+)", mail.body("plain"))
    assert found, mail.body("plain")
    return found[1]


def verify(app: Any, mail: Any, password: str = PASSWORD, *, status: int | None = 204) -> Any:
    """Open the link of a mail and enter the password chosen on registration."""
    return app.post("/auth/verify-email", {"token": token_in(mail), "password": password}, status=status)


def open_account(app: Any, system: Any, sink: Any, email: str = EMAIL, **extra: Any) -> None:
    """Register and verify."""
    register(app, system, email, **extra)
    verify(app, mails(sink, email)[-1])
    system.drain()


def sign_in(
    app: Any, email: str = EMAIL, password: str = PASSWORD, *, client: str = "web", status: int | None = 200
) -> Any:
    """Sign in; on success the client acts as that person."""
    answer = app.post("/auth/login", {"email": email, "password": password, "client": client}, status=status)
    if answer.status_int == 200:
        app.token = answer.json["access_token"]
    return answer


def change(client: Any, account_id: Any, body: Any, version: str = "*", status: int | None = None) -> Any:
    """Change a member as an administrator."""
    return client.patch(f"/admin/users/{account_id}", body, headers={"If-Match": version}, status=status)


def refresh(app: Any, *, status: int | None = 200) -> Any:
    """Continue a browser's session as our page does."""
    return app.post("/auth/refresh", {}, headers={"X-CSRF-Token": app.app.cookies.get("bn_csrf", "")}, status=status)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls at once, in threads; their results, or what they raised."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[index] = call()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[index] = error

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results
