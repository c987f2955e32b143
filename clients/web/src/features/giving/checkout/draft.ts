import { newKey } from "@belgenet/api";
import { useCallback, useEffect, useState } from "react";
import type { Participant } from "../api";

/** What a donor has entered so far. Kept for the tab, so that a reload or a sign-in loses nothing. */
export interface Draft {
  optionId: string | null;
  quantity: number;
  participants: Participant[];
  /** Text id and hash the donor accepted; a newer text must be accepted again. */
  accepted: { text_id: string; sha256: string } | null;
  provider: string | null;
  /** Idempotency key of the order; changes with what is ordered. */
  orderKey: string;
}

export const STORE = "bn-checkout-";

export const emptyDraft = (): Draft => ({
  optionId: null,
  quantity: 1,
  participants: [],
  accepted: null,
  provider: null,
  orderKey: newKey(),
});

function read(slug: string): Draft {
  try {
    const raw = sessionStorage.getItem(STORE + slug);
    return raw ? { ...emptyDraft(), ...(JSON.parse(raw) as Partial<Draft>) } : emptyDraft();
  } catch {
    return emptyDraft();
  }
}

/** Forgets all drafts; called once an order is paid. */
export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(STORE)) sessionStorage.removeItem(key);
}

/** The draft of one campaign and a patch function. Any change of the order itself gives it a new key. */
export function useDraft(slug: string): [Draft, (patch: Partial<Draft>) => void] {
  const [draft, setDraft] = useState(() => read(slug));
  useEffect(() => {
    try {
      sessionStorage.setItem(STORE + slug, JSON.stringify(draft));
    } catch {
      // Private modes without storage: the draft then lives as long as the page.
    }
  }, [slug, draft]);
  const patch = useCallback((change: Partial<Draft>) => {
    const sameOrder = Object.keys(change).every((key) => key === "provider");
    setDraft((old) => ({ ...old, ...change, orderKey: sameOrder ? old.orderKey : newKey() }));
  }, []);
  return [draft, patch];
}

export const STEPS = ["choose", "names", "consent", "contact", "review"] as const;
export type Step = (typeof STEPS)[number];

/** First step that still lacks something; nobody can jump past it by editing the address. */
export function furthestStep(draft: Draft, consentHash: string | undefined, member: boolean): Step {
  if (!draft.optionId || draft.quantity < 1) return "choose";
  const named =
    draft.participants.length === draft.quantity &&
    draft.participants.every((p) => p.full_name.trim() !== "");
  if (!named) return "names";
  if (!draft.accepted || draft.accepted.sha256 !== consentHash) return "consent";
  return member ? "review" : "contact";
}
