"""Why a place elsewhere is not reached, in the words of restic, ssh and S3 servers. Standard library only."""

import re
from typing import Final

from belgenet.appliance.backup.errors import BackupError

_HOST_KEY: Final = re.compile(r"host key verification failed|authenticity of host|no matching host key", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"access ?denied|access key id you provided|invalidaccesskeyid|request signature we calculated|signaturedoesnotmatch"
    r"|no credentials found|permission denied \(|between the request time and|requesttimetooskewed",
    re.IGNORECASE,
)
_UNREACHABLE: Final = re.compile(
    r"connection refused|connection reset|connection timed out|i/o timeout|tls handshake|x509: |no route to host"
    r"|network is unreachable|no such host|could not resolve hostname|unable to start the sftp session|took longer than",
    re.IGNORECASE,
)
_NO_BUCKET: Final = re.compile(r"specified bucket does not exist|nosuchbucket", re.IGNORECASE)


def elsewhere(address: str) -> bool:
    """Whether restic's address is another machine's."""
    return not address.startswith("/")


def why(address: str, said: str) -> BackupError | None:
    """What keeps us from a place elsewhere; None: something else is wrong, or it is a folder here."""
    if not elsewhere(address):
        return None
    for code, words in (
        ("host_key_unknown", _HOST_KEY),
        ("place_refused", _REFUSED),
        ("repository_absent", _NO_BUCKET),
        ("place_unreachable", _UNREACHABLE),
    ):
        if words.search(said):
            return BackupError(code, where=address, said=said)
    return None
