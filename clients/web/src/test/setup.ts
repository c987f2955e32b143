import "@testing-library/jest-dom/vitest";
import { initI18n } from "@belgenet/i18n";
import { notifications } from "@mantine/notifications";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { server } from "./server";
import { forgetTestSession } from "./session";

window.matchMedia ??= vi.fn((query: string) => ({
  matches: false,
  media: query,
  onchange: null,
  addListener: () => {},
  removeListener: () => {},
  addEventListener: () => {},
  removeEventListener: () => {},
  dispatchEvent: () => false,
}));
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
Element.prototype.scrollIntoView ??= () => {};
window.scrollTo = () => {};
if (!("fonts" in document)) Object.defineProperty(document, "fonts", { value: new EventTarget() });
// jsdom's fetch knows no page address; the client's calls are relative.
const Plain = globalThis.Request;
globalThis.Request = class extends Plain {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    super(typeof input === "string" && input.startsWith("/") ? `http://localhost${input}` : input, init);
  }
};

// Two busy cores are slower than a second now and then.
configure({ asyncUtilTimeout: 10_000 });

beforeAll(async () => {
  server.listen({ onUnhandledRequest: "error" });
  await initI18n("tr");
});
afterEach(() => {
  cleanup();
  notifications.clean();
  server.resetHandlers();
  forgetTestSession();
  sessionStorage.clear();
  localStorage.clear();
  document.body.innerHTML = "";
});
afterAll(() => server.close());
