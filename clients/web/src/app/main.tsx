import "@belgenet/ui/styles.css";
import { getSiteOptions } from "@belgenet/api/query";
import { initI18n } from "@belgenet/i18n";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { detectLocale } from "./locale";
import { Providers } from "./Providers";
import { makeQueryClient } from "./queryClient";
import { registerServiceWorker } from "./registerServiceWorker";
import { routes } from "./routes";
import { resumeSession } from "./session";

const client = makeQueryClient();
void client.prefetchQuery(getSiteOptions());
void resumeSession();
await initI18n(detectLocale());

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers client={client}>
        <RouterProvider router={createBrowserRouter(routes)} />
      </Providers>
    </StrictMode>,
  );
}
registerServiceWorker();
