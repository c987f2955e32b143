"""Signed addresses with headers of our choice (AWS Signature Version 4), which the SDK does not make."""

import hashlib
import hmac
import urllib.parse
from collections.abc import Mapping
from datetime import UTC, datetime

from belgenet.appliance.objectstore.place import Keys, Place


def presign(
    method: str, place: Place, keys: Keys, key: str, *, headers: Mapping[str, str] | None = None, seconds: int = 60
) -> str:
    """An address for one request, which must be sent with exactly these headers.

    See "Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference.
    """
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/{place.region}/s3/aws4_request"
    signed = {"host": place.host} | {name.lower(): value for name, value in (headers or {}).items()}
    names = ";".join(sorted(signed))
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{keys.access}/{scope}",
        "X-Amz-Date": now,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": names,
    }
    url = place.url(key)
    asked = urllib.parse.urlencode(sorted(query.items()), quote_via=urllib.parse.quote, safe="-_.~")
    lines = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
    request = f"{method}\n{urllib.parse.urlsplit(url).path}\n{asked}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{digest}"
    secret = f"AWS4{keys.secret}".encode()
    for part in (now[:8], place.region, "s3", "aws4_request", text):
        secret = hmac.digest(secret, part.encode(), "sha256")
    return f"{url}?{asked}&X-Amz-Signature={secret.hex()}"
