"""iyzico through our own client: Checkout Form, refunds, reporting and V3 webhooks (IYZWSv2 signatures)."""
