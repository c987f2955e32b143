"""The site on a phone's home screen: the tenant's name and colour, pictures of the sizes that phones ask for."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from belgenet import client
from belgenet.core.security import Role

WEB = Path(__file__).parents[3] / "clients/web"
ICONS = re.findall(
    r'\{ src: "/(?P<file>[\w.-]+)", sizes: "(\w+)", type: "([\w/+]+)", purpose: "(\w+)" \}',
    (WEB / "vite.config.ts").read_text(encoding="utf-8"),
)
"""What the client's build writes into its manifest."""
GREEN = (0x1F, 0x5F, 0x57)
BUILT = {
    "name": "BelgeNet",
    "short_name": "BelgeNet",
    "start_url": "/",
    "display": "standalone",
    "theme_color": "#1f5f57",
    "lang": "tr",
    "icons": [{"src": f"/{file}", "sizes": size, "type": kind, "purpose": use} for file, size, kind, use in ICONS],
}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built client of one file."""
    (tmp_path / "manifest.webmanifest").write_text(json.dumps(BUILT), encoding="utf-8")
    monkeypatch.setattr(client, "ROOT", tmp_path)
    return tmp_path


def manifest(wsgi: Any, host: str) -> dict[str, Any]:
    answer = wsgi.get("/manifest.webmanifest", headers={"Host": host})
    assert answer.content_type == "application/manifest+json"
    assert answer.headers["Cache-Control"] == "no-cache"
    told: dict[str, Any] = answer.json
    return told


def test_it_carries_the_tenants_name_language_and_colour(system: Any, wsgi: Any, built: Path) -> None:
    system.create_tenant("ilim", "academy", name="Işık İlim Akademisi", locale="en")
    told = manifest(wsgi, "ilim.localhost")
    assert {key: told[key] for key in ("name", "short_name", "lang", "theme_color")} == {
        "name": "Işık İlim Akademisi",
        "short_name": "Işık İlim",
        "lang": "en",
        "theme_color": "#0b7285",
    }
    assert {key: told[key] for key in ("icons", "start_url", "display")} == {
        key: BUILT[key] for key in ("icons", "start_url", "display")
    }


def test_it_follows_what_the_administrator_changes(system: Any, tenant: Any, wsgi: Any, built: Path) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    patch = {"name": "Kurban Cebimde", "branding": {"primary_color": "#123abc"}}
    admin.patch("/admin/site", patch, headers={"If-Match": "*"}, status=200)
    told = manifest(wsgi, "vakif.localhost")
    assert (told["name"], told["short_name"], told["theme_color"]) == ("Kurban Cebimde", "Kurban Cebimde", "#123abc")


def test_every_tenant_has_its_own(wsgi: Any, tenant: Any, other_tenant: Any, built: Path) -> None:
    assert manifest(wsgi, "vakif.localhost")["name"] == tenant.name
    assert manifest(wsgi, "akademi.localhost")["name"] == other_tenant.name


@pytest.mark.parametrize("host", ["localhost", "nobody.localhost"])
def test_where_no_tenant_lives_it_is_the_clients_own(wsgi: Any, tenant: Any, built: Path, host: str) -> None:
    assert manifest(wsgi, host) == BUILT


def test_without_a_built_client_there_is_none(wsgi: Any, tenant: Any, built: Path) -> None:
    (built / "manifest.webmanifest").unlink()
    assert wsgi.get("/manifest.webmanifest", expect_errors=True).status_int == 503


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Akademi", "Akademi"),
        ("Kurban Cebimde", "Kurban Cebimde"),
        ("Uzaktan Eğitim Akademisi", "Uzaktan Eğitim"),
        ("Yardım – Eli Derneği", "Yardım – Eli"),
        ("Yardımlaşma – Eli", "Yardımlaşma"),
        ("Yardımlaşmaveeğitimvakfı", "Yardımlaşmavee…"),
    ],
)
def test_short_names_are_whole_words(name: str, short: str) -> None:
    assert client.short_name(name) == short
    assert len(short) <= client.SHORT


def test_phones_find_the_sizes_they_ask_for() -> None:
    assert {(size, use) for _, size, kind, use in ICONS if kind == "image/png"} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("192x192", "maskable"),
        ("512x512", "maskable"),
    }


@pytest.mark.parametrize(("file", "size", "kind", "use"), [icon for icon in ICONS if icon[2] == "image/png"])
def test_each_picture_is_what_the_manifest_says(file: str, size: str, kind: str, use: str) -> None:
    with Image.open(WEB / "public" / file) as picture:
        assert Image.MIME[picture.format or ""] == kind
        assert f"{picture.width}x{picture.height}" == size
        corner, middle = (
            picture.convert("RGBA").getpixel((0, 0)),
            picture.convert("RGBA").getpixel((picture.width // 2, 8)),
        )
    assert middle == (*GREEN, 255)
    assert corner == ((*GREEN, 255) if use == "maskable" else (0, 0, 0, 0)), "a mask cuts the corners by itself"


def test_the_shell_names_a_picture_for_phones_that_read_no_manifest() -> None:
    assert '<link rel="apple-touch-icon" href="/apple-touch-icon.png" />' in (WEB / "index.html").read_text("utf-8")
    with Image.open(WEB / "public/apple-touch-icon.png") as picture:
        assert (picture.size, picture.mode) == ((180, 180), "RGB")
