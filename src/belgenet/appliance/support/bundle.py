import io
import os
import tarfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from belgenet.appliance.support.masks import Masks

README = """\
What this file holds: findings of `belgenet doctor`, versions, sizes of tables, the state of the services, and the last day of
their logs. What it does not hold: secrets, mail addresses, telephone numbers, bank accounts, names of people, addresses of
visitors, texts that people wrote. Fields and lines that are not known to be harmless were left out.

Bu dosyada `belgenet doctor` bulguları, sürümler, tablo boyutları, hizmetlerin durumu ve son bir günlük kayıtları bulunur. Gizli
anahtarlar, e-posta adresleri, telefon numaraları, banka hesapları, kişi adları, ziyaretçi adresleri ve kişilerin yazdığı metinler
bulunmaz. Zararsız olduğu bilinmeyen alanlar ve satırlar çıkarılmıştır.
"""


class Leak(Exception):  # noqa: N818 -- the file is not written because of it
    """A secret of this server would have been in the file. ``source`` names the part."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.source = source


def write(target: Path, parts: Mapping[str, str], masks: Masks, now: datetime) -> None:
    """One archive, readable by root alone; it has its name only when it is whole.

    :raises Leak: nothing was written.
    """
    clean = {name: masks(text) for name, text in parts.items()}
    for name, text in clean.items():
        if masks.leaks(text):
            raise Leak(name)
    folder = target.name.removesuffix(".tar.gz")
    draft = target.with_name(f".{target.name}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            for name, text in {"README.txt": README, **clean}.items():
                content = text.encode()
                entry = tarfile.TarInfo(f"{folder}/{name}")
                entry.size, entry.mtime, entry.mode = len(content), int(now.timestamp()), 0o600
                archive.addfile(entry, io.BytesIO(content))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(target)
