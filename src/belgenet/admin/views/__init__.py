"""Views of the panel, one module a page."""
