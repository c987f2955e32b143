import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface DemoAccount {
  tenant: string;
  email: string;
  password: string;
  role: string;
}

interface DemoSystem {
  urls: Record<"akademi" | "vakif" | "platform" | "mail" | "sms" | "psp", string>;
  accounts: DemoAccount[];
}

const file =
  process.env.BELGENET_E2E_JSON ?? fileURLToPath(new URL("../../../var/run/demo.json", import.meta.url));

/** The running system's addresses and accounts. */
export const system = JSON.parse(readFileSync(file, "utf8")) as DemoSystem;

export const { vakif, akademi, platform } = system.urls;

/** The first demo account of a tenant with this role. */
export function accountOf(tenant: string, role: string): DemoAccount {
  const found = system.accounts.find((account) => account.tenant === tenant && account.role === role);
  if (!found) throw new Error(`the demo has no ${role} at ${tenant || "the platform"}`);
  return found;
}

interface CaughtMail {
  to: string[];
  text: string;
}

/** Text of the newest mail to this address that matches; waits for it, because mails follow the answer. */
export async function mailTo(address: string, pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 120; tries++) {
    const mails = (await (await fetch(new URL("/mails.json", system.urls.mail))).json()) as CaughtMail[];
    const found = mails.find((mail) => mail.to.includes(address) && pattern.test(mail.text));
    if (found) return found.text;
    await new Promise((wait) => setTimeout(wait, 500));
  }
  throw new Error(`no mail to ${address} matches ${pattern}`);
}
