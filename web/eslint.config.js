import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";
import doors from "./eslint-rules/doors.js";
import strings from "./eslint-rules/strings.js";

const hearth = { rules: { doors, strings } };

export default tseslint.config(
  { ignores: ["dist", "node_modules", ".vite", "screenshots", "src/lib/api/schema.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { hearth, "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "hearth/doors": "error",
      "hearth/strings": "error",
      eqeqeq: "error",
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // Void is a fine return type of a function type that is a generic argument.
      "@typescript-eslint/no-invalid-void-type": "off",
    },
  },
  { files: ["**/*.test.{ts,tsx}"], rules: { "hearth/strings": "off", "@typescript-eslint/no-non-null-assertion": "off" } },
  {
    files: ["public/*.js", "scripts/*.mjs", "e2e/*.mjs", "eslint-rules/*.js"],
    languageOptions: {
      globals: {
        console: "readonly", navigator: "readonly", process: "readonly", localStorage: "readonly", document: "readonly", window: "readonly",
        matchMedia: "readonly", getComputedStyle: "readonly", URL: "readonly", setTimeout: "readonly", fetch: "readonly", Buffer: "readonly",
        location: "readonly", parent: "readonly", DOMParser: "readonly", Element: "readonly", addEventListener: "readonly",
      },
    },
    rules: { "@typescript-eslint/no-unused-vars": "error" },
  },
);
