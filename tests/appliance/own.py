"""Files an operator may add, one of each kind that the pages name, and what shows that the server follows them."""

from typing import Final

from tests.appliance.installation import Installation

EFFECTS: Final = {
    "nginx": "here",
    "nftables": 'tcp dport 8 counter packets 0 bytes 0 drop comment "own"',
    "unit": "OWN=here",
    "postgres": "7MB",
}


def texts(site: Installation) -> dict[str, str]:
    """Path -> what the operator writes into it."""
    cluster = site.server.run("echo /etc/postgresql/*/belgenet").stdout.strip()
    rule = 'tcp dport 8 counter drop comment "own"'
    chain = f"type filter hook input priority 10; policy accept;\n        {rule}"
    return {
        "/etc/belgenet/nginx.d/own.conf": "add_header X-Own here always;\n",
        "/etc/nftables.d/own.nft": f"table inet own {{\n    chain in {{\n        {chain}\n    }}\n}}\n",
        "/etc/systemd/system/belgenet-beat.service.d/override.conf": "[Service]\nEnvironment=OWN=here\n",
        f"{cluster}/conf.d/95-own.conf": "work_mem = '7MB'\n",
    }


def plant(site: Installation) -> None:
    """Write the files."""
    for path, text in texts(site).items():
        site.server.write(path, text)
    reload(site)


def remove(site: Installation) -> None:
    """Take them away, and the folder that they alone need."""
    site.server.run(["rm", *texts(site)])
    site.server.run("rmdir /etc/systemd/system/belgenet-beat.service.d")
    reload(site)


def reload(site: Installation) -> None:
    """Let the services read what is there now, and wait until they work."""
    site.server.run("systemctl daemon-reload && systemctl restart nftables belgenet-beat")
    site.server.run("systemctl reload nginx 'postgresql@*-belgenet.service'")


def kept(site: Installation) -> dict[str, str]:
    """The files that are there, like :func:`texts`."""
    return {path: site.server.run(["cat", path], check=False).stdout for path in texts(site)}


def effects(site: Installation) -> dict[str, str]:
    """What the running server shows of them, like :data:`EFFECTS`."""
    run = site.server.run
    with site.browser() as visitor:
        answer = visitor.send("GET", f"{visitor.address}/health")
    rules = run("nft list table inet own", check=False).stdout.splitlines()
    # Of the process itself: what systemd has read is not yet what runs.
    beat = run("tr '\\0' '\\n' </proc/$(systemctl show -P MainPID belgenet-beat)/environ").stdout.splitlines()
    setting = run("runuser -u postgres -- psql -X -At -h /run/postgresql -d belgenet -c 'show work_mem'").stdout
    return {
        "nginx": answer.headers.get("X-Own", ""),
        "nftables": "".join(line.strip() for line in rules if "comment" in line),
        "unit": "".join(line for line in beat if line.startswith("OWN=")),
        "postgres": setting.strip(),
    }
