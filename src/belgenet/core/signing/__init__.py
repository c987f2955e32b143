"""Keys of a tenant and what is signed with them: PDF files (PAdES), QR payloads and lists (Ed25519).

:mod:`belgenet.core.signing.pades` and :mod:`belgenet.core.signing.pdf_check` import pyHanko, which takes half
a second; they are not imported here.
"""
