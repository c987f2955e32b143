"""Recovery of an institution with much data: ``python -m benchmarks.recovery --gib 5``, as root, after bin/test-appliance.

Fills an installed server through its API with files, and its database with rows; makes a backup; destroys the server; measures how
long ``install.sh --restore-from`` takes on an empty one (the RTO), and asks there for files and rows again.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.appliance.errands import administrator, digest_of, upload
from tests.appliance.installation import DOMAIN, Installation
from tests.appliance.layers import Layer
from tests.appliance.machine import machine
from tests.appliance.outside import Outside
from tests.common.waiting import wait_until

GIB = 1024**3
FILE_BYTES = 32 * 1024**2
ROW_BYTES = 8_000
SIGNED_IN = 16
"""Files that are uploaded before somebody signs in again."""
ASKED = 5
"""Files that are downloaded from the server that came back."""


def incompressible() -> bytes:
    """Text for one file that hardly gets smaller."""
    return b64encode(secrets.token_bytes(FILE_BYTES * 3 // 4))


def ask(site: Installation, query: str) -> str:
    """A query as PostgreSQL's superuser."""
    words = ["runuser", "-u", "postgres", "--", "psql", "-d", "belgenet", "-AtX", "-v", "ON_ERROR_STOP=1", "-c", query]
    return site.server.run(words, timeout=1200).stdout.strip()


def fill(site: Installation, files: int, rows: int) -> dict[str, str]:
    """Files through the API, two at a time, and rows whose content hardly compresses. :returns: digest by path of some files."""
    digests: dict[str, str] = {}
    for first in range(0, files, SIGNED_IN):
        with administrator(site, "vakif") as person, ThreadPoolExecutor(2) as pool:
            digests |= pool.map(
                lambda number, who=person: upload(who, f"kesim-{number}.txt", incompressible()),
                range(first, min(first + SIGNED_IN, files)),
            )
    ask(site, "create schema ballast; create table ballast.row (id int primary key, text text not null)")
    piece = "encode(sha256((n::text || '.' || m::text || random()::text)::bytea), 'hex')"
    text = f"(select string_agg({piece}, '') from generate_series(1, {ROW_BYTES // 64}) m)"
    ask(site, f"insert into ballast.row select n, {text} from generate_series(1, {rows}) n")
    kept = sorted(digests)[:: max(1, files // ASKED)][:ASKED]
    return {path: digests[path] for path in kept}


def timed(words: list[str], site: Installation, what: str) -> float:
    """Run a command there and say how long it took."""
    begin = time.perf_counter()
    done = site.server.run(words, check=False, timeout=3600)
    took = time.perf_counter() - begin
    if done.returncode:
        raise SystemExit(f"{what}: exit {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    print(f"{what}: {took:.0f} s", flush=True)
    return took


def size_of(folder: Path) -> float:
    """GiB on the disk."""
    return (
        int(subprocess.run(["du", "-sB1", folder], capture_output=True, text=True, check=True).stdout.split()[0]) / GIB
    )


def lose(
    layer: Layer, disk: Path, gib: float, database_gib: float
) -> tuple[str, str, dict[str, str], str, dict[str, float]]:
    """Fill a server, back it up and destroy it; its backups are moved to ``disk``.

    :returns: the kit, the address of the world outside, digests of files, number of rows and figures.
    """
    with (
        machine("debian13", layer) as server,
        Outside(server, disk.parent / "outside", DOMAIN, layer.authority) as outside,
    ):
        site = Installation(server, outside)
        site.reopen()
        if not wait_until(site.whole, 120):
            raise SystemExit("the server on the layer does not become whole")
        kit = server.run(["belgenet", "kit", "print", "--text"]).stdout
        begin = time.perf_counter()
        digests = fill(site, round((gib - database_gib) * GIB / FILE_BYTES), round(database_gib * GIB / ROW_BYTES))
        print(f"filled in {time.perf_counter() - begin:.0f} s", flush=True)
        rows = ask(site, "select count(*) from ballast.row")
        bytes_in_database = int(ask(site, "select pg_database_size('belgenet')"))
        objects = sum(int(n) for n in server.run("du -sB1 /var/lib/belgenet/objects | cut -f1").stdout.split())
        figures = {"database_gib": bytes_in_database / GIB, "objects_gib": objects / GIB}
        figures["first_backup_s"] = timed(["belgenet", "backup", "run"], site, "first backup")
        figures["second_backup_s"] = timed(["belgenet", "backup", "run"], site, "second backup")
        server.stop()
        shutil.rmtree(server.folder / "root/var/backups/belgenet/releases", ignore_errors=True)
        subprocess.run(["cp", "-a", server.folder / "root/var/backups/belgenet", disk], check=True)
        figures["backups_gib"] = size_of(disk)
        return kit, server.outside, digests, rows, figures


def recover(disk: Path, kit: str, outside: str, digests: dict[str, str], rows: str) -> dict[str, float]:
    """Make the institution anew on an empty server. :returns: figures."""
    with machine("debian13") as server:
        subprocess.run(["ip", "address", "add", f"{outside}/32", "dev", f"ve-{server.name}"], check=True)
        subprocess.run(["mv", disk, server.folder / "root/mnt/belgenet"], check=True)
        server.write("/root/kit.txt", kit)
        site = Installation(server, None)  # type: ignore[arg-type] -- nobody outside is asked by what it does here
        words = [f"{site.folder}/install.sh", "--restore-from", "/mnt/belgenet", "--kit", "/root/kit.txt", "--yes"]
        took = timed([*words, "--lang", "en"], site, "restoration (RTO)")
        if not wait_until(site.whole, 60):
            raise SystemExit(f"the restored server is not whole\n{server.journal(lines=60)}")
        with administrator(site, "vakif") as person:
            wrong = [path for path, digest in digests.items() if digest_of(site, person, path) != digest]
        if wrong or ask(site, "select count(*) from ballast.row") != rows:
            raise SystemExit(f"not everything came back: {wrong}")
        return {"rto_s": took}


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=5.0, help="data altogether")
    parser.add_argument("--database-gib", type=float, default=1.0, help="of it in the database")
    parser.add_argument("--layer", type=Path, default=Path("var/appliance/layers/debian13"))
    parser.add_argument("--folder", type=Path, help="where the disk with the backups is kept meanwhile")
    given = parser.parse_args()
    if os.geteuid():
        sys.exit("this boots servers and needs root")
    with ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "outside").mkdir(parents=True, exist_ok=True)
        kit, outside, digests, rows, figures = lose(
            Layer.of(given.layer), folder / "disk", given.gib, given.database_gib
        )
        figures |= recover(folder / "disk", kit, outside, digests, rows)
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
