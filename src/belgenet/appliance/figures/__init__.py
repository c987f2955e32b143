"""What only the server itself knows, as figures for Prometheus: units, backups, the certificate, visitors.

A timer writes them into a file that the exporter of the server's own figures reads along (its "textfile collector").
"""
