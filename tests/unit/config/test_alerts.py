"""The alert rules that ship speak of metrics, labels and values that exist."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from belgenet.certificates.interfaces import CertificateState
from belgenet.commerce.payments.models import State
from belgenet.core.observability import metrics

RULES = yaml.safe_load((Path(__file__).parents[3] / "config" / "alerts.yml").read_text())["groups"][0]["rules"]
VALUES = {
    ("belgenet_certificates_total", "state"): set(CertificateState),
    ("belgenet_payments_total", "state"): set(State),
    ("belgenet_webhooks_total", "outcome"): {"accepted", "duplicate", "bad_signature", "malformed", "unmatched"},
    ("belgenet_requests_total", "status"): {"5.."},
    ("belgenet_sms_total", "state"): {"failed|unknown"},
    ("up", "job"): {"belgenet"},
}


def exported() -> dict[str, set[str]]:
    """Name as Prometheus sees it -> its labels."""
    found = {"up": {"job", "instance"}}
    for item in vars(metrics).values():
        if isinstance(item, Counter | Gauge | Histogram):
            labels = set(item._labelnames)
            name = item._name
            if isinstance(item, Counter):
                found[f"{name}_total"] = labels
            elif isinstance(item, Histogram):
                found |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
            else:
                found[name] = labels
    return found


def test_every_kind_of_metric_is_looked_at() -> None:
    assert {"belgenet_outbox_dead", "belgenet_requests_total", "belgenet_request_seconds_bucket"} <= exported().keys()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_can_fire(rule: dict) -> None:
    known = exported()
    selectors = re.findall(r"\b(up|belgenet_\w+)(?:\{([^}]*)\})?", rule["expr"])
    assert selectors
    for name, labels in selectors:
        assert name in known
        for label, value in re.findall(r'(\w+)=~?"([^"]*)"', labels):
            assert label in known[name]
            assert value in VALUES[name, label]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: dict) -> None:
    assert rule["annotations"].keys() == {"summary", "action"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    asked = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    known = exported()
    named = [known[name] for name in re.findall(r"\b(up|belgenet_\w+)", rule["expr"])]
    assert all(any(label in labels for labels in named) for label in asked)
