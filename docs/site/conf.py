"""Sphinx on the folder of one language, as bin/docs lays it out. The language comes as ``-D language=tr``."""

project = "BelgeNet"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_*"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_theme = "furo"
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_permalinks = False
html_last_updated_fmt = None
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
myst_heading_anchors = 4
smartquotes = False


def setup(app: object) -> None:
    """The title is a matter of the language, which is known only now."""
    titles = {"tr": "BelgeNet – Sunucu el kitabı", "en": "BelgeNet – Server handbook"}
    app.connect("config-inited", lambda _, config: setattr(config, "html_title", titles[config.language]))  # type: ignore[attr-defined]
