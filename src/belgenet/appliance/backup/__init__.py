"""Backups of an installation, and the proof that they can be restored.

On disk, below ``belgenet_backup_folder``: ``postgres`` (pgBackRest, stanza ``belgenet``), ``files`` (restic) and ``releases`` (the
bundle of each release, as a tar). Off-site, where there is such a place, ``files`` holds all of it. restic's snapshots carry tags:

- ``settings``, ``id=``, ``label=``, ``kind=``, ``release=``, ``gen=``: one for each backup; of several with its
  id the last. In ``/settings``: ``manifest.json`` (:class:`~belgenet.appliance.backup.records.Manifest`), ``secrets.json`` (the
  vault, name -> text), ``objects.jsonl``
  (:class:`~belgenet.appliance.backup.objects.Index`) and ``etc/belgenet``, ``etc/letsencrypt``;
- ``objects``, ``gen=``, ``batch=``: content of objects, see :mod:`belgenet.appliance.backup.objects`;
- ``dump``, ``id=``: ``/belgenet.dump``, for ``pg_restore``;
- ``postgres``, ``size=`` (bytes), ``label=`` for each base backup: off-site only, ``/postgres`` is pgBackRest's repository, see
  :mod:`belgenet.appliance.backup.offsite`.

Both repositories open with passwords derived from the recovery key.
"""

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.records import Backup

__all__ = ["Backup", "BackupError", "gate"]


def gate(reason: str) -> Backup:
    """What has to stand before something risky begins: an incremental backup of everything, and a named moment in the database's
    log after it. The caller holds the server's lock.

    :param reason: name of that moment, such as ``pre-0.2.0``.
    :raises BackupError: there is no such backup, and nothing risky should begin.
    """
    from belgenet.appliance.backup.make import Maker  # noqa: PLC0415 - a restoration begins before our dependencies are there

    return Maker.here().make(point=reason)
