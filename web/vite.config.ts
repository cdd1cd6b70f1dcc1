/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where a running Hearth listens, for `npm run dev` and `npm run preview`. */
const server = process.env.HEARTH_SERVER ?? "http://127.0.0.1:7700";

/** What the program answers itself. The app lives below /app/: the root belongs to the addresses of the SDKs. */
const ofTheServer = ["/api", "/v1", "/live", "/healthz", "/readyz", "/app/mail-frame"];

const proxy = Object.fromEntries(
  // The server compares Origin with Host, so the Host of the browser is kept.
  ofTheServer.map((prefix) => [`^${prefix}(/|$|\\?)`, { target: server, changeOrigin: false }]),
);

export default defineConfig({
  // Beside the sources, since the packages are shared by all clones.
  cacheDir: ".vite",
  base: "/app/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // What the program takes in when it is compiled (crates/web).
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2022",
    manifest: true,
    sourcemap: false,
    // No `data:` addresses: the content security policy stays narrow.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: { host: "127.0.0.1", port: 5180, proxy },
  preview: { host: "127.0.0.1", port: 5181, proxy },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}", "eslint-rules/**/*.test.js"],
    maxWorkers: 1,
  },
});
