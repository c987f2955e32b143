import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) },
    dedupe: ["react", "react-dom", "react-router", "@mantine/core"],
  },
  plugins: [
    react(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      registerType: "prompt",
      injectRegister: false,
      // Only what the first screen needs; every other chunk is fetched when its page is opened.
      injectManifest: {
        globPatterns: [
          "index.html",
          "boot.js",
          "icon.svg",
          "assets/index-*.{js,css}",
          "assets/*latin*normal*.woff2",
        ],
      },
      // As the platform's own console has it; the server puts the tenant's name and colour in (belgenet.client).
      manifest: {
        name: "BelgeNet",
        short_name: "BelgeNet",
        lang: "tr",
        start_url: "/",
        display: "standalone",
        theme_color: "#1f5f57",
        background_color: "#fafafa",
        icons: [
          { src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
          { src: "/icon-192.png", sizes: "192x192", type: "image/png", purpose: "any" },
          { src: "/icon-512.png", sizes: "512x512", type: "image/png", purpose: "any" },
          { src: "/icon-maskable-192.png", sizes: "192x192", type: "image/png", purpose: "maskable" },
          { src: "/icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
      // The browser fetches the icons when the site is installed; nobody else needs them.
      includeManifestIcons: false,
    }),
  ],
  build: { outDir: "dist", target: "es2022", manifest: true, reportCompressedSize: false },
  server: { proxy: { "/api": process.env.BELGENET_API ?? "http://127.0.0.1:6543" } },
  test: {
    environment: "jsdom",
    globals: true,
    setupFiles: ["./src/test/setup.ts"],
    css: false,
    pool: "threads",
    isolate: false,
    testTimeout: 40_000,
  },
});
