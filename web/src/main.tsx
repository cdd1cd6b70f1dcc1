import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "@/lib/api";
import { startLanguages } from "@/lib/i18n";
import { makeRouter } from "@/routes/router";
import { ThemeProvider } from "@/ui";

const queries = makeQueryClient();
const router = makeRouter(queries);

void startLanguages().then(() => {
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
