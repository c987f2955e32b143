"""Package layout that pyproject.toml cannot say: the top-level ``migrations/`` and ``config/`` ship inside the wheel."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages("src"), "belgenet.migrations", "belgenet.migrations.versions", "belgenet.config"],
    package_dir={
        "": "src",
        "belgenet.migrations": "migrations",
        "belgenet.migrations.versions": "migrations/versions",
        "belgenet.config": "config",
    },
    package_data={
        "belgenet": [
            "static/web/**/*",
            "**/templates/**/*",
            "**/fonts/*",
            "locale/*",
            "**/locale/*",
            "accounts/data/*",
            "appliance/texts/*",
            "appliance/**/*.html",
            "appliance/**/*.css",
            "testing/demo/data/media/*",
            "py.typed",
        ],
        "belgenet.migrations": ["*.mako", "*.sql"],
        "belgenet.config": ["*.ini", "*.yml"],
    },
    include_package_data=False,
)
