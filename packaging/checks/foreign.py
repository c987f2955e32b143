"""Somebody else's database, web sites or Redis: this installation manages those programs as a whole."""

import re
from collections.abc import Iterator

from checks.probe import ERROR, Finding, Probe

OURS = "belgenet"
PACKAGED_SITE = "default"
"""Nginx's page of welcome; it goes away."""
REDIS = re.compile(r"redis\.conf|redis-belgenet-\w+\.conf")


def foreign_postgres(probe: Probe) -> Iterator[Finding]:
    """Another PostgreSQL cluster."""
    for major in filter(str.isdigit, probe.names("/etc/postgresql")):
        for name in probe.names(f"/etc/postgresql/{major}"):
            if name != OURS:
                yield Finding("foreign_postgres", ERROR, {"major": major, "name": name})


def foreign_sites(probe: Probe) -> Iterator[Finding]:
    """Another site of Nginx."""
    sites = [f"/etc/nginx/sites-enabled/{name}" for name in probe.names("/etc/nginx/sites-enabled")]
    sites += [f"/etc/nginx/conf.d/{name}" for name in probe.names("/etc/nginx/conf.d") if name.endswith(".conf")]
    for path in sites:
        name = path.rpartition("/")[2]
        if name != PACKAGED_SITE and not name.startswith(OURS):
            yield Finding("foreign_site", ERROR, {"path": path})


def foreign_redis(probe: Probe) -> Iterator[Finding]:
    """Another instance of Redis."""
    for name in probe.names("/etc/redis"):
        if name.endswith(".conf") and not REDIS.fullmatch(name):
            yield Finding("foreign_redis", ERROR, {"path": f"/etc/redis/{name}"})
