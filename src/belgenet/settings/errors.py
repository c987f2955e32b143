class SettingsError(Exception):
    """A key is unknown, missing or wrong. The message is one line that names the key, its source and the fix."""
