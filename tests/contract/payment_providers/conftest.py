import pytest
from tests.contract.payment_providers import rails
from tests.contract.payment_providers.receiver import Receiver

from belgenet.testing.psp.process import PspProcess

QUICK = ("--webhook-delay-ms", "30", "--webhook-retry-ms", "200")


@pytest.fixture(scope="session")
def psp_process(tmp_path_factory):
    with PspProcess(tmp_path_factory.mktemp("psp"), options=QUICK) as process:
        yield process


@pytest.fixture
def psp(psp_process):
    if psp_process.process is None or not psp_process.process.alive:
        psp_process.start()
    psp_process.control("POST", "reset")
    return psp_process


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(params=["iyzico", "stripe"])
def rail(request, psp, receiver):
    yield from _rail(request.param, psp, receiver)


@pytest.fixture
def iyzico(psp, receiver):
    yield from _rail("iyzico", psp, receiver)


@pytest.fixture
def stripe_rail(psp, receiver):
    yield from _rail("stripe", psp, receiver)


def _rail(name, psp, receiver):
    made = getattr(rails, name)(psp, f"vakif.localhost:{receiver.port}")
    yield made
    made.close()
