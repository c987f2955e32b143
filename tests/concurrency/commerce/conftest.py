from tests.common.till import psp, psp_process, till

__all__ = ["psp", "psp_process", "till"]
