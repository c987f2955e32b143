/** How the states of messages look. */
export const TONE = { queued: "wait", sending: "wait", sent: "good", failed: "bad", unknown: "bad" } as const;

/** States of an e-mail. An SMS can also be of unknown fate. */
export const MAIL_STATES = ["queued", "sending", "sent", "failed"] as const;
export const SMS_STATES = [...MAIL_STATES, "unknown"] as const;

/** Words the server says why an SMS did not go out. */
export const SMS_ERRORS = [
  "invalid_number",
  "abroad",
  "text_refused",
  "request_refused",
  "consent_register",
  "credentials_refused",
  "sender_unknown",
  "other_code",
  "rate_limited",
  "number_limited",
  "unreachable",
  "wrong_address",
  "not_configured",
  "no_answer",
  "unreadable_answer",
  "interrupted",
  "too_old",
] as const;

/** `rate_limited (netgsm 80)` → its word and the provider's code. */
export function readError(error: string): { word: (typeof SMS_ERRORS)[number] | undefined; detail: string } {
  const [word = "", detail = ""] = error.split(/ \((.*)\)$/);
  return { word: SMS_ERRORS.find((known) => known === word), detail };
}
