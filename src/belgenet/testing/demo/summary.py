"""What a started demo tells people (a few lines) and tools (``demo.json``)."""

import json
from pathlib import Path
from typing import Any

from belgenet.testing.demo.system import DemoSystem

SITES = {"akademi": "Akademi", "vakif": "Kurban Cebimde"}
"""Slug and title of the demo's tenants."""


def describe(system: DemoSystem) -> dict[str, Any]:
    """Addresses, ports, process ids and demo accounts; no secret that works anywhere else."""
    port = system.state.ports["web"]
    sites = {slug: f"http://{slug}.localhost:{port}" for slug in SITES}
    return {
        "urls": sites
        | {
            "platform": f"http://localhost:{port}",
            "mail": system.mail.url,
            "sms": f"{system.mail.url}/sms",
            "psp": system.psp_url,
        },
        "ports": system.state.ports | {"s3": system.s3.ports["s3"]},
        "pids": system.supervisor.pids(),
        "accounts": system.state.accounts,
        "folder": str(system.folder),
        "logs": str(system.folder / "log"),
        "environment": system.environment,
    }


def write(system: DemoSystem, file: Path) -> None:
    """Write `describe` to `file`, readable by the owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".part")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(describe(system), indent=1, ensure_ascii=False))
    draft.replace(file)


def lines(system: DemoSystem) -> list[str]:
    """Return what to print when everything runs."""
    found = describe(system)
    urls = found["urls"]
    text = ["", "BelgeNet is running.", ""]
    text += [f"  {title:<26}{urls[slug]}" for slug, title in SITES.items()]
    text += [
        f"  {'Platform':<26}{urls['platform']}",
        f"  {'E-mails and SMS sent':<26}{urls['mail']}",
        f"  {'Test payment provider':<26}{urls['psp']}",
        "",
    ]
    accounts = found["accounts"]
    if accounts:
        width = max(len(account["email"]) for account in accounts) + 2
        text.append("  Demo accounts")
        text += [
            f"  {account['tenant'] or 'platform':<10}{account['email']:<{width}}{account['password']:<22}"
            f"{account['role']}"
            for account in accounts
        ]
        text.append("")
    text += [f"  Logs: {found['logs']}", "  Ctrl-C stops everything and keeps the data; bin/reset forgets it.", ""]
    return text
