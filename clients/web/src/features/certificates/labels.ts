import type { Tone } from "@belgenet/ui";

const TONE: Record<string, Tone> = {
  READY: "good",
  PENDING: "wait",
  GENERATING: "wait",
  FAILED: "attention",
  REVOKED: "bad",
  REPLACED: "neutral",
};

export const certificateTone = (status: string): Tone => TONE[status.toUpperCase()] ?? "neutral";

/** Name of a kind of certificate where the server gave no title. */
export const kindKey = (kind: string | null | undefined) =>
  kind?.startsWith("kurban")
    ? "certificates.kind.qurban"
    : kind?.startsWith("course")
      ? "certificates.kind.course"
      : "certificates.kind.other";
