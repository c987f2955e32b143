/// <reference lib="webworker" />
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare let self: ServiceWorkerGlobalScope;

/**
 * Only the shell is kept: what people order and pay for is never answered from a cache. Nor is the manifest,
 * which says what the tenant is called today.
 */
cleanupOutdatedCaches();
precacheAndRoute(
  self.__WB_MANIFEST.filter((entry) => typeof entry === "string" || entry.url !== "manifest.webmanifest"),
);
registerRoute(
  new NavigationRoute(createHandlerBoundToURL("index.html"), {
    denylist: [/^\/api\//, /^\/health/, /^\/metrics/, /^\/media\//, /^\/s3\//],
  }),
);

self.addEventListener("message", (event) => {
  if ((event.data as { type?: string } | null)?.type === "SKIP_WAITING") void self.skipWaiting();
});
