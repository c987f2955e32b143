"""What is looked at before anything on a server is changed. Standard library only: it runs with the server's own Python."""
