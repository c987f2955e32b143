"""Payments over HTTP: paying, coming back, webhooks, the panel."""
