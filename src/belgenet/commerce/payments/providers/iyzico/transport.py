"""Signed calls to iyzico and checked answers from it."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from belgenet.commerce.payments.providers.errors import ProviderUnknown
from belgenet.commerce.payments.providers.http import http_client, json_object, send
from belgenet.commerce.payments.providers.iyzico.codes import error_of
from belgenet.commerce.payments.providers.iyzico.config import PROVIDER, IyzicoConfig
from belgenet.commerce.payments.providers.iyzico.signatures import authorization, response_is_authentic


class IyzicoTransport:
    """One merchant's connection to iyzico; safe to share between threads."""

    def __init__(self, config: IyzicoConfig, client: httpx.Client | None = None) -> None:
        self._config = config
        self._client = client or http_client(config.connect_timeout, config.read_timeout)

    def post(self, path: str, body: Mapping[str, Any], signed: tuple[str, ...]) -> dict[str, Any]:
        """POST a call and return its successful, authentic answer.

        `signed` names the fields the answer's signature covers. Raises ProviderRefused,
        ProviderMisconfigured or ProviderUnknown; an answer whose signature is wrong proves nothing, so its
        outcome is unknown.
        """
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        answer = self._call("POST", path, raw)
        if not response_is_authentic(self._config.secret_key, answer, signed):
            raise ProviderUnknown(PROVIDER, "bad_signature", path)
        return answer

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """GET a report. iyzico signs none of these answers; the query is not part of the signed path."""
        return self._call("GET", path, b"", query)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, method: str, path: str, raw: bytes, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        config = self._config
        random_key = secrets.token_hex(8)
        headers = {
            "Authorization": authorization(config.api_key, config.secret_key, random_key, path, raw),
            "x-iyzi-rnd": random_key,
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        url = config.base_url.rstrip("/") + path
        request = self._client.build_request(method, url, content=raw or None, headers=headers, params=query)
        answer = json_object(PROVIDER, send(self._client, PROVIDER, request))
        if answer.get("status") == "failure":
            raise error_of(answer)
        if answer.get("status") != "success":
            raise ProviderUnknown(PROVIDER, "garbage", "no status")
        return answer
