import { defineConfig } from "@playwright/test";

/** Journeys against a started system; where it is says BELGENET_E2E_JSON (see support/system.ts). */
export default defineConfig({
  testDir: "tests",
  fullyParallel: true,
  workers: Number(process.env.E2E_WORKERS ?? 2),
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: process.env.CI ? [["line"]] : [["list"]],
  outputDir: "test-results",
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
    locale: "tr-TR",
    timezoneId: "Europe/Istanbul",
    serviceWorkers: "block",
    contextOptions: { reducedMotion: "reduce" },
    viewport: { width: 1280, height: 860 },
    screenshot: "only-on-failure",
    trace: "on-first-retry",
  },
});
