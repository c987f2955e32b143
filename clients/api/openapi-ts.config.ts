import { defineConfig } from "@hey-api/openapi-ts";

/** `openapi.json` is exported by `belgenet openapi`; everything in src/gen is written from it and committed. */
export default defineConfig({
  input: "openapi.json",
  output: { path: "src/gen" },
  plugins: [
    { name: "@hey-api/client-fetch", throwOnError: true },
    "@hey-api/sdk",
    { name: "@hey-api/typescript", enums: false },
    "@tanstack/react-query",
    "zod",
  ],
});
