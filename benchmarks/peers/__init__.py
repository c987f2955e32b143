"""The same two reads in other frameworks, over the tables that BelgeNet's migrations made. They run in a virtual environment of
their own, so they import nothing of ours.

They do what ours does: verify the JWT, find the tenant of the host (kept for 5 s), ask whether the session lives and which
roles its account has now, all reads in one transaction, deny strangers, the same fields in the answer. Two differences, both in
their favour: their database role bypasses row level security (each query names the tenant instead, as such code usually does),
and they have no metrics, security headers or problem documents.
"""
