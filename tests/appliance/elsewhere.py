"""Places outside of an institution's servers where its backups are kept: a bucket behind TLS, and an SFTP server.

Both outlive the servers; each server reaches them at this computer's end of its own cable, by the names in its ``/etc/hosts``.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tests.appliance.doors import Doors
from tests.appliance.machine import SUITES, Machine
from tests.appliance.roots import base_root
from tests.common.authority import Authority

from belgenet.testing.servers.ports import free_port
from belgenet.testing.servers.process import ManagedProcess
from belgenet.testing.servers.s3 import REGION, S3Server

S3_HOST, NAS_HOST = "s3.yedek.example", "nas.yedek.example"
S3_PORT, NAS_PORT = 9443, 2222
_BUCKET = "yedek"
_FOLDER = "/belgenet"
_TRUSTED = "/usr/local/share/ca-certificates/yedek.crt"
_USER = "backup"
"""Every Debian has it; it has no shell."""
_SSHD = """\
Port {port}
ListenAddress 127.0.0.1
HostKey /srv/host
PidFile none
UsePAM no
PasswordAuthentication no
StrictModes no
AuthorizedKeysFile /srv/authorized
AllowUsers backup
ChrootDirectory /srv/store
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""
# Debian's own sshd, out of a base root that nobody writes to: what it needs is mounted where only it sees that.
_ENTER = (
    "mount --bind {folder} {root}/srv && mount --bind /dev {root}/dev && mount -t tmpfs tmpfs {root}/run && "
    "mkdir {root}/run/sshd && exec chroot {root} /usr/sbin/sshd -D -e -f /srv/sshd_config"
)


class Elsewhere:
    """Both places, empty at first. ``with Elsewhere(folder, system) as elsewhere: ...``"""

    def __init__(self, folder: Path, system: str) -> None:
        self.authority = Authority(folder / "authority")
        self._tls = self.authority.server(S3_HOST)
        self._nas, self._port = folder / "nas", free_port()
        self._s3 = S3Server(folder / "s3")
        root = base_root(SUITES[system])
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec"]
        enter = _ENTER.format(folder=self._nas, root=root)
        self._sshd = ManagedProcess("nas", [*words, enter], log=folder / "nas.log")

    @property
    def bucket(self) -> dict[str, Any]:
        """``belgenet_backup_offsite`` of a server that keeps its backups in the bucket."""
        return {"type": "s3", "endpoint": f"{S3_HOST}:{S3_PORT}", "bucket": _BUCKET, "region": REGION, "path": _FOLDER}

    @property
    def nas(self) -> dict[str, Any]:
        """The same, of one that keeps them on the SFTP server."""
        place = {"type": "sftp", "host": NAS_HOST, "port": NAS_PORT, "user": _USER, "path": _FOLDER}
        return {**place, "host_key": " ".join((self._nas / "host.pub").read_text().split()[:2])}

    @property
    def bucket_address(self) -> str:
        """For ``--restore-from``."""
        return f"s3:https://{S3_HOST}:{S3_PORT}/{_BUCKET}{_FOLDER}"

    @property
    def nas_address(self) -> str:
        """For ``--restore-from``."""
        return f"sftp://{_USER}@{NAS_HOST}:{NAS_PORT}/{_FOLDER}"

    @property
    def keys(self) -> dict[str, str]:
        """``AWS_...``, as an operator sets them."""
        return {"AWS_ACCESS_KEY_ID": self._s3.access_key, "AWS_SECRET_ACCESS_KEY": self._s3.secret_key}

    @property
    def ssh_key(self) -> str:
        """Private key of whom the SFTP server lets in."""
        return (self._nas / "client").read_text()

    @property
    def known_host(self) -> str:
        """A line of ``known_hosts``."""
        return f"[{NAS_HOST}]:{NAS_PORT} {self.nas['host_key']}\n"

    @contextmanager
    def reached_from(self, server: Machine) -> Iterator[None]:
        """Let a server, which must be on, reach both."""
        inner = int(self._s3.address.endpoint.rpartition(":")[2])
        here = server.outside
        with Doors((here, S3_PORT, inner, self._tls), (here, NAS_PORT, self._port, None)):
            server.run("cat >>/etc/hosts", input=f"{here} {S3_HOST} {NAS_HOST}\n")
            server.copy(self.authority.file, _TRUSTED)
            server.run("update-ca-certificates")
            yield

    @contextmanager
    def distrusted_by(self, server: Machine) -> Iterator[None]:
        """A server that does not trust the bucket's certificate meanwhile."""
        server.run(f"mv {_TRUSTED} /root/aside.crt && update-ca-certificates --fresh")
        try:
            yield
        finally:
            server.run(f"mv /root/aside.crt {_TRUSTED} && update-ca-certificates")

    def _furnish(self) -> None:
        (self._nas / "store" / _FOLDER.strip("/")).mkdir(parents=True)
        subprocess.run(["chown", "34:34", str(self._nas / "store" / _FOLDER.strip("/"))], check=True)
        for name in ("host", "client"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._nas / name)]
            subprocess.run(words, check=True)
        (self._nas / "authorized").write_text((self._nas / "client.pub").read_text())
        (self._nas / "sshd_config").write_text(_SSHD.format(port=self._port))

    def __enter__(self) -> Self:
        self._s3.start()
        self._s3.client().make_bucket(_BUCKET)
        self._furnish()
        self._sshd.start()
        self._sshd.wait_ready(lambda: "Server listening" in self._sshd.log_tail(), 30)
        return self

    def __exit__(self, *_: object) -> None:
        self._sshd.stop()
        self._s3.stop()
