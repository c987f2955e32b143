"""What everybody may call without signing in. A name added here is a decision."""

PUBLIC_OPERATIONS = {
    # the console, by a link that the server printed
    "acceptInvitation",
    # the site and its offer
    "getSite",
    "listCampaigns",
    "getCampaign",
    "listCourses",
    "getCourse",
    # signing in; each answers the same for accounts that exist and that do not
    "register",
    "verifyEmail",
    "login",
    "guest",
    "refresh",
    "forgotPassword",
    "resetPassword",
    # payment providers and the browsers they send back
    "returnFromIyzico",
    "returnFromStripe",
    "receiveIyzicoWebhook",
    "receiveStripeWebhook",
    # anybody may check a certificate
    "verifyCertificate",
    "listCertificateKeys",
    "listRevocations",
}

SERVED_WHILE_SUSPENDED = {"returnFromIyzico", "returnFromStripe", "receiveIyzicoWebhook", "receiveStripeWebhook"}
"""What the host of a suspended tenant still answers: money that is on its way already."""

PERIODIC_WHILE_SUSPENDED = {
    "payments.sweep",
    "payments.purge",
    "certificates.keys",
    "audit.seal",
    "core.purge",
    "notifications.settle",
    "notifications.purge",
    "accounts.purge_sessions",
    "files.sweep",
}
"""What goes on for a suspended tenant: bringing payments and their certificates to an end, looking after its records, and
forgetting in time what must not be kept."""
