/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Where a running Hearth listens, for `npm run dev` and `npm run preview`. */
const server = process.env.HEARTH_SERVER ?? "http://127.0.0.1:7700";

/** What the program answers itself. The app lives below /app/: the root belongs to the addresses of the SDKs. */
const ofTheServer = ["/api", "/v1", "/live", "/healthz", "/readyz", "/app/mail-frame"];

const proxy = Object.fromEntries(
  // The server compares Origin with Host, so the Host of the browser is kept.
  ofTheServer.map((prefix) => [`^${prefix}(/|$|\\?)`, { target: server, changeOrigin: false }]),
);

const LANGUAGES = ["zh-CN", "zh-TW", "en"];
/** The words of the house around the pages and of Home, with those that Ant Design and its calendar bring. */
const wordsOf = (language: string) =>
  new RegExp(`/messages/${language}/(ui|problems|shell|jobs|home)\\.json$|/locale/(${language.replace("-", "_")}|${language.toLowerCase()})\\.js$`);

/** Tells boot.js where the words of each language are, so that a browser asks for them while the script is still under way. */
function sayWhereWordsAre(): Plugin {
  return {
    name: "say-where-words-are",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const files = Object.values(bundle ?? {}).map((one) => one.fileName);
        const found = LANGUAGES.map((language) => [language, files.find((file) => file.includes(`/words-${language}-`))] as const);
        const said = found.map(([language, file]) => (file ? `data-${language.toLowerCase()}="/app/${file}"` : "")).join(" ");
        return html.replace(/(<script src="[^"]*boot\.js")/, `$1 ${said}`);
      },
    },
  };
}

export default defineConfig({
  // Beside the sources, since the packages are shared by all clones.
  cacheDir: ".vite",
  base: "/app/",
  plugins: [react(), sayWhereWordsAre()],
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
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page begins with comes in two pieces, of which one seldom changes: on a phone's network forty small
            // files take much longer.
            { name: "libraries", tags: ["$initial"], test: /[\\/]node_modules[\\/]/, priority: 2 },
            { name: "first", tags: ["$initial"], priority: 1 },
            ...LANGUAGES.map((language) => ({ name: `words-${language}`, test: wordsOf(language) })),
          ],
        },
      },
    },
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
