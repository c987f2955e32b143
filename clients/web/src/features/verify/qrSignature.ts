/**
 * Checks the signature that a certificate's QR code carries behind `#`, in this browser: the server is
 * asked only for the institution's public keys. The format is documented in belgenet.core.signing.qr.
 */
export interface QrStatement {
  kid: string;
  message: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
}

export type QrResult = "good" | "bad" | "unchecked";

const FRAGMENT =
  /^#1\.([0-9a-f]{12})\.([A-Za-z0-9-]{1,40})\.([0-9]{8})\.([\w-]{16})\.([\w-]{16})\.([\w-]{86})$/;

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const raw = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (ch) => ch.charCodeAt(0));
}

/** The signed statement in a fragment; null when the fragment is not one. */
export function readStatement(code: string, fragment: string): QrStatement | null {
  const match = FRAGMENT.exec(fragment);
  if (!match) return null;
  const [, kid, number, day, recipient, facts, signature] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const text = ["belgenet-qr", code, "1", kid, number, day, recipient, facts].join("|");
  return {
    kid,
    message: new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>,
    signature: bytesOf(signature),
  };
}

interface PublishedKey {
  kid: string;
  x: string;
  state?: string;
}

/** `unchecked` when this browser knows no Ed25519 or the keys could not be fetched; never a false alarm. */
export async function checkStatement(statement: QrStatement): Promise<QrResult> {
  let keys: PublishedKey[];
  try {
    const response = await fetch("/api/v1/certificates/keys", { headers: { Accept: "application/json" } });
    if (!response.ok) return "unchecked";
    keys = ((await response.json()) as { keys?: PublishedKey[] }).keys ?? [];
  } catch {
    return "unchecked";
  }
  const key = keys.find((k) => k.kid === statement.kid && k.state?.toLowerCase() !== "withdrawn");
  if (!key) return "bad";
  try {
    const imported = await crypto.subtle.importKey("raw", bytesOf(key.x), { name: "Ed25519" }, false, [
      "verify",
    ]);
    const good = await crypto.subtle.verify(
      { name: "Ed25519" },
      imported,
      statement.signature,
      statement.message,
    );
    return good ? "good" : "bad";
  } catch {
    return "unchecked";
  }
}
