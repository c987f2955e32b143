"""What the signing tests share."""

from dataclasses import dataclass

from cryptography import x509

from belgenet.core.signing.keys import KeyPair, KeyState
from belgenet.core.signing.published import KeySet, PublishedCertificate

CODE = "K7QM2X4TB9WR3HNC"
NAME = "Ayşe Işıl Yılmaz"


@dataclass(frozen=True)
class Institution:
    root: KeyPair
    pdf: KeyPair
    qr: KeyPair
    keys: KeySet

    def with_states(
        self, *, root: KeyState | None = None, pdf: KeyState | None = None, qr: KeyState | None = None
    ) -> KeySet:
        """The key set with other states."""

        def changed(items: list, state: KeyState | None) -> list:
            return [item.model_copy(update={"state": state}) for item in items] if state else items

        update = {
            "keys": changed(self.keys.keys, qr),
            "pdf_roots": changed(self.keys.pdf_roots, root),
            "pdf_signers": changed(self.keys.pdf_signers, pdf),
        }
        return self.keys.model_copy(update=update)


def published_certificate(pair: KeyPair) -> PublishedCertificate:
    serial = x509.load_pem_x509_certificate(pair.public.encode()).serial_number
    return PublishedCertificate(
        kid=pair.kid,
        state=KeyState.ACTIVE,
        serial=f"{serial:x}",
        not_before=pair.not_before,
        not_after=pair.not_after,
        pem=pair.public,
    )
