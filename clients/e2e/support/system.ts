import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface DemoAccount {
  tenant: string;
  email: string;
  password: string;
  role: string;
}

interface DemoSystem {
  urls: Record<"akademi" | "vakif" | "platform" | "mail" | "psp", string>;
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
