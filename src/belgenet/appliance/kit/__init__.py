"""The recovery kit: one sheet of paper with which a stranger brings an institution back on another server."""
