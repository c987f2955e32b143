import type { SessionOut } from "@belgenet/api";
import { acceptSession, dropSession } from "@/app/session";
// @ts-expect-error plain JavaScript
import * as data from "../../../e2e/mock-data.mjs";
import { resetWorld, world } from "./server";

/** Signs somebody of the pretend server in, without the form. */
export function signInAs(who: "donor" | "admin"): void {
  world.state.account = data.accounts[who];
  acceptSession({ access_token: "test", expires_in: 900, account: data.accounts[who] } as SessionOut);
}

export function forgetTestSession(): void {
  dropSession();
  resetWorld();
}
