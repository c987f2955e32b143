"""The questions are answered well by the bundled server, and each is answered badly by one that lies about just that."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from belgenet.appliance.objectstore import conformance, suite
from belgenet.appliance.objectstore.conformance import PREFIX, Subject
from belgenet.appliance.objectstore.place import Keys, Place

ERRORS = {code for code, (level, _) in suite.CHECKS.items() if level == "error"}


class Liar:
    """Stands before a real server and changes what ``lie`` changes: ``lie(method, path, headers, body) -> answer | None`` before a
    request, ``after(method, path, status, headers, body) -> (status, headers, body)`` after it.
    """

    def __init__(self, endpoint):
        self.lie = lambda *_: None
        self.after = lambda method, path, status, headers, body: (status, headers, body)
        liar = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = dict(self.headers)
                answer = liar.lie(self.command, self.path, headers, body)
                if answer is None:
                    upstream = http.client.HTTPConnection(endpoint, timeout=20)
                    upstream.request(self.command, self.path, body=body, headers=headers)
                    got = upstream.getresponse()
                    said = {name: text for name, text in got.getheaders() if name.lower() != "transfer-encoding"}
                    answer = liar.after(self.command, self.path, got.status, said, got.read())
                    upstream.close()
                status, said, data = answer
                self.send_response_only(status)
                length = said.get("Content-Length") if self.command == "HEAD" else None
                for name, text in said.items():
                    if name != "Content-Length":
                        self.send_header(name, text)
                self.send_header("Content-Length", length or str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def log_message(self, *_):
                pass

        for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.handle_any)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def endpoint(self):
        return f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def liar(place):
    made = Liar(place.endpoint)
    yield made
    made.close()


@pytest.fixture
def lied(liar, place, keys, monkeypatch):
    """What is found of a server that lies, asking one question."""
    monkeypatch.setattr(conformance.time, "sleep", lambda _: None)

    def ask(code, subject_keys=keys):
        subject = Subject(Place("seaweedfs", liar.endpoint, place.bucket), subject_keys)
        subject.client._http = liar_free(subject)
        (finding,) = list(conformance.run(subject, {code: suite.CHECKS[code]}))
        return finding

    return ask


def liar_free(subject):
    """The SDK's own client, without trying again what failed."""
    import urllib3

    return urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=2, read=20))


def test_the_bundled_server_keeps_the_contract_and_nothing_is_left(place, keys):
    place = Place("seaweedfs", place.endpoint, place.bucket)
    findings = list(suite.check(Subject(place, keys, keys)))
    assert [one.code for one in findings] == list(suite.CHECKS)
    wrong = {one.code for one in findings if one.level == "error"}
    assert wrong == {"elsewhere"}, "the test's key opens every bucket"
    assert [one.code for one in findings if one.level == "warning"] == ["makes_no_buckets"]
    assert list(place.client(keys).list_objects(place.bucket, recursive=True)) == []


def test_nothing_more_is_asked_of_a_server_that_is_not_there(keys):
    findings = list(suite.check(Subject(Place("external_s3", "127.0.0.1:9", "b"), keys)))
    assert [(one.code, one.level) for one in findings] == [("reachable", "error")]


def test_a_bucket_or_key_that_is_not_there_is_told(place, keys):
    for subject in (
        Subject(Place("external_s3", place.endpoint, "no-such-bucket"), keys),
        Subject(place, Keys(keys.access, "wrong")),
    ):
        (finding,) = list(suite.check(subject))
        assert (finding.code, finding.level) == ("reachable", "error")


def test_what_a_killed_check_left_is_taken_away_by_a_later_one(place, keys, monkeypatch):
    from datetime import timedelta
    from io import BytesIO

    client = place.client(keys)
    client.put_object(place.bucket, f"{PREFIX}old/x", BytesIO(b"x"), 1)
    client.put_object(place.bucket, "files/x", BytesIO(b"x"), 1)
    conformance.sweep(Subject(place, keys))
    assert len(list(client.list_objects(place.bucket, recursive=True))) == 2, "it may be at work"
    monkeypatch.setattr(conformance, "_OLD", timedelta(seconds=-5))
    conformance.sweep(Subject(place, keys))
    assert [one.object_name for one in client.list_objects(place.bucket, recursive=True)] == ["files/x"]


def test_an_honest_go_between_is_found_honest(lied, keys):
    for code in ("put_get", "conditional_put", "anonymous", "listing"):
        assert lied(code).level == "ok", lied(code)


def answers_strangers(method, path, headers, body):
    return None if "Authorization" in headers or "X-Amz-" in path else (200, {}, b"secret")


def forgets_conditions(method, path, status, headers, body):
    return (200 if status == 412 else status), headers, body


def flips(method, path, status, headers, body):
    return status, headers, body[:-1] + b"!" if method == "GET" and len(body) > 1000 else body


def forgets_ranges(method, path, status, headers, body):
    return (200 if status == 206 else status), headers, body


def forgets_names(method, path, status, headers, body):
    return status, {name: text for name, text in headers.items() if name != "Content-Disposition"}, body


def wrong_clock(method, path, status, headers, body):
    return status, headers | {"Date": "Sun, 01 Nov 2020 10:00:00 GMT"}, body


def takes_trailers(method, path, headers, body):
    return (200, {}, b"") if headers.get("x-amz-content-sha256") == "STREAMING-UNSIGNED-PAYLOAD-TRAILER" else None


def takes_every_form(method, path, headers, body):
    return (204, {}, b"") if method == "POST" and b"x-amz-signature" in body else None


def takes_every_type(method, path, headers, body):
    return (200, {}, b"") if method == "PUT" and "X-Amz-SignedHeaders=content-type" in path else None


def deletes_nothing(method, path, headers, body):
    return (204, {}, b"") if method == "DELETE" else None


def takes_every_secret(method, path, headers, body):
    return (200, {}, b"") if method in {"HEAD", "GET"} and "/x" in path else None


def keeps_versions(method, path, status, headers, body):
    text = b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>'
    return (200, {"Content-Type": "application/xml"}, text) if "versioning" in path else (status, headers, body)


def loses_one(method, path, status, headers, body):
    return status, headers, body.replace(b"list/05", b"list/55") if "list-type" in path else body


BEFORE = {
    "anonymous": answers_strangers,
    "unsigned_trailer": takes_trailers,
    "post_policy": takes_every_form,
    "presigned_put": takes_every_type,
    "delete": deletes_nothing,
    "wrong_secret": takes_every_secret,
}
AFTER = {
    "conditional_put": forgets_conditions,
    "put_get": flips,
    "multipart": flips,
    "ranges": forgets_ranges,
    "presigned_get": forgets_names,
    "clock": wrong_clock,
    "versions_off": keeps_versions,
    "listing": loses_one,
}


@pytest.mark.parametrize("code", [*BEFORE, *AFTER])
def test_each_lie_is_found_out(lied, liar, code):
    liar.lie = BEFORE.get(code, liar.lie)
    liar.after = AFTER.get(code, liar.after)
    finding = lied(code)
    assert finding.level == suite.CHECKS[code][0], finding
    assert finding.detail


def test_a_line_without_tls_to_another_computer_is_warned_of(keys):
    for endpoint, secure, level in (
        ("192.0.2.1:9000", False, "warning"),
        ("192.0.2.1:9000", True, "ok"),
        ("127.0.0.1:9000", False, "ok"),
        ("[::1]:9000", False, "ok"),
        ("s3.kurum.example", False, "warning"),
    ):
        subject = Subject(Place("external_s3", endpoint, "b", secure=secure), keys)
        assert conformance._ask(subject, "encrypted_line", *suite.CHECKS["encrypted_line"]).level == level


def test_only_a_warning_does_not_stop_anybody():
    assert {"encrypted_line", "makes_no_buckets", "versions_off"} == set(suite.CHECKS) - ERRORS
