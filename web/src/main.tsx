import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "@/lib/api";
import { chosenLanguage, startLanguages } from "@/lib/i18n";
import { meQuery } from "@/lib/session";
import { makeRouter } from "@/routes/router";
import { startLocale, ThemeProvider } from "@/ui";

const queries = makeQueryClient();
const router = makeRouter(queries);

// Asked at once and together: on a phone each waiting for the one before would be seen. Without Ant Design's own words the
// app speaks its own all the same.
if (!/\/(login|setup)$/.test(location.pathname)) void queries.prefetchQuery(meQuery);
void Promise.all([startLanguages(), startLocale(chosenLanguage()).catch(() => undefined)]).then(() => {
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Suspense fallback={null}>
          <ThemeProvider>
            <RouterProvider router={router} />
          </ThemeProvider>
        </Suspense>
      </QueryClientProvider>
    </StrictMode>,
  );
});
