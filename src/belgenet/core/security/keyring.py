import base64
import binascii
from dataclasses import dataclass

from belgenet.settings import SettingsError


@dataclass(frozen=True, slots=True)
class Keyring:
    """Symmetric keys by id, newest first: the first makes, all check. Rotation = put a new pair in front, drop the last later."""

    keys: dict[str, bytes]

    @property
    def current(self) -> tuple[str, bytes]:
        """Id and bytes of the key that signs or encrypts now."""
        return next(iter(self.keys.items()))

    @classmethod
    def parse(cls, setting: str, text: str, *, min_bytes: int = 32, max_bytes: int | None = None) -> "Keyring":
        """Read ``kid:base64 kid:base64``.

        :param max_bytes: for ciphers, whose keys have one length.
        :raises SettingsError: no key, a malformed pair, a repeated id or a key of a wrong length.
        """
        sizes = f"{min_bytes} bytes" + (" or more" if max_bytes is None else "")
        keys: dict[str, bytes] = {}
        for pair in text.replace(",", " ").split():
            kid, separator, encoded = pair.partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                key = b""
            too_long = max_bytes is not None and len(key) > max_bytes
            if not separator or not kid or len(key) < min_bytes or too_long or kid in keys:
                raise SettingsError(f"'{setting}' wants 'kid:base64' pairs of {sizes}, each id once")
            keys[kid] = key
        if not keys:
            raise SettingsError(f"'{setting}' has no key")
        return cls(keys)

    @classmethod
    def of_masters(cls, text: str) -> "Keyring":
        """The setting ``security.master_keys``, whose keys are AES-256's. :raises SettingsError: as :meth:`parse`."""
        return cls.parse("security.master_keys", text, max_bytes=32)
