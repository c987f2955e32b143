"""The servers that bundles are built for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """An operating system: what apt and pip must know to collect packages for it on another one."""

    name: str
    distribution: str
    codename: str
    python: str
    """Version of its /usr/bin/python3: markers in the lock files depend on the last number too."""
    glibc_minor: int
    """Its C library is 2.<this>: wheels built against a later one do not load."""
    architecture: str = "amd64"

    @property
    def python_minor(self) -> str:
        """``3.13`` of ``3.13.5``."""
        return self.python.rpartition(".")[0]

    def platforms(self) -> list[str]:
        """Platform tags of wheels that run here, the most demanding first."""
        tags = [f"manylinux_2_{minor}_x86_64" for minor in range(self.glibc_minor, 4, -1)]
        return [*tags, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]

    def markers(self) -> dict[str, str]:
        """Environment in which the markers of a lock file are read (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python,
            "os_name": "posix",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.python,
            "python_version": self.python_minor,
            "sys_platform": "linux",
            "extra": "",
        }


TARGETS = {
    target.name: target
    for target in (
        Target("debian12", "debian", "bookworm", "3.11.2", 36),
        Target("debian13", "debian", "trixie", "3.13.5", 41),
        Target("ubuntu24.04", "ubuntu", "noble", "3.12.3", 39),
    )
}
