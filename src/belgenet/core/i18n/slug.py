import re
import unicodedata

_TURKISH = str.maketrans("çğıöşüÇĞİIÖŞÜ", "cgiosucgiiosu")
LENGTH = 60


def slugify(text: str) -> str:
    """A short address from a title: ``Çorlu'da Şükür Kurbanı`` -> ``corlu-da-sukur-kurbani``. At least two characters."""
    plain = unicodedata.normalize("NFKD", text.translate(_TURKISH)).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LENGTH].strip("-")
    return slug if len(slug) > 1 else f"no-{slug}".rstrip("-")
