"""Private keys at rest: AES-256-GCM under the installation's master keys."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from belgenet.core.security.keyring import Keyring

_NONCE = 12
_FORMAT = "a1"


class SealBrokenError(Exception):
    """The sealed text was altered, moved to another place, or its master key is gone."""


class SecretBox:
    """Seals small secrets. The text names its master key: the newest seals, older ones still open."""

    def __init__(self, masters: Keyring) -> None:
        self._masters = masters

    def seal(self, secret: bytes, place: str) -> str:
        """Encrypt ``secret`` for ``place`` (such as ``tenant/kid``); it opens at no other place."""
        master_id, master = self._masters.current
        nonce = os.urandom(_NONCE)
        body = AESGCM(master).encrypt(nonce, secret, self._bound(master_id, place))
        return f"{_FORMAT}.{master_id}.{base64.b64encode(nonce + body).decode()}"

    def open(self, sealed: str, place: str) -> bytes:
        """Decrypt what :meth:`seal` made for ``place``.

        :raises SealBrokenError: altered, of another place, or under an unknown master key.
        """
        form, master_id, text = (*sealed.split(".", 2), "", "")[:3]
        master = self._masters.keys.get(master_id)
        if form != _FORMAT or master is None:
            raise SealBrokenError(f"sealed under master key '{master_id}', which is not configured")
        try:
            raw = base64.b64decode(text, validate=True)
            return AESGCM(master).decrypt(raw[:_NONCE], raw[_NONCE:], self._bound(master_id, place))
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError(f"sealed secret of {place} does not open") from error

    def is_current(self, sealed: str) -> bool:
        """Whether ``sealed`` is under the newest master key; if not, seal it anew."""
        return sealed.startswith(self.current_mark)

    @property
    def current_mark(self) -> str:
        """What every text begins with that the newest master key has sealed."""
        return f"{_FORMAT}.{self._masters.current[0]}."

    @staticmethod
    def _bound(master_id: str, place: str) -> bytes:
        return f"belgenet-secret|{_FORMAT}|{master_id}|{place}".encode()
