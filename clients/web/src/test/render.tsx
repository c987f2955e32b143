import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { createMemoryRouter, RouterProvider } from "react-router";
import { expect } from "vitest";
import { Providers } from "@/app/Providers";
import { makeQueryClient } from "@/app/queryClient";
import { routes } from "@/app/routes";

/** Opens the real application at an address. */
export function open(path: string) {
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  const user = userEvent.setup({ delay: null });
  render(
    <Providers client={makeQueryClient(false)} env="test">
      <RouterProvider router={router} />
    </Providers>,
  );
  return { router, user };
}

/** The page's h1 with this text. */
export const heading = (name: RegExp | string) =>
  screen.findByRole("heading", { level: 1, name }, { timeout: 12_000 });

/** No accessibility violation that can be seen without a layout (contrast is checked in a real browser). */
export async function expectAccessible(): Promise<void> {
  const result = await axe.run(document.body, {
    iframes: false,
    rules: { "color-contrast": { enabled: false } },
  });
  expect(
    result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`),
  ).toEqual([]);
}
