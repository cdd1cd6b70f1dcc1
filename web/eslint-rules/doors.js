// Who may import whom: lib ← ui ← features ← routes, and features see each other through their index only.

import path from "node:path";

/** What each layer may name, besides itself. */
const MAY_IMPORT = {
  lib: [],
  ui: ["lib"],
  features: ["lib", "ui"],
  routes: ["lib", "ui", "features"],
};

export default {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      layer: "{{from}} may not import {{to}}: the layers are lib ← ui ← features ← routes.",
      door: "Import the feature '{{feature}}' through its door: @/features/{{feature}}.",
    },
  },
  create(context) {
    const source = path.join(context.cwd, "src") + path.sep;
    const here = placeOf(context.filename);
    if (!here) return {};

    function placeOf(file) {
      if (!file.startsWith(source)) return null;
      const [layer, feature, ...rest] = file.slice(source.length).split(path.sep);
      return layer in MAY_IMPORT ? { layer, feature, rest } : null;
    }

    function check(node, wanted) {
      if (typeof wanted !== "string") return;
      let file;
      if (wanted.startsWith("@/")) file = source + wanted.slice(2);
      else if (wanted.startsWith(".")) file = path.resolve(path.dirname(context.filename), wanted);
      else return;
      const there = placeOf(file);
      if (!there) return;
      if (here.layer !== there.layer && !MAY_IMPORT[here.layer].includes(there.layer)) {
        context.report({ node, messageId: "layer", data: { from: here.layer, to: there.layer } });
      } else if (there.layer === "features" && !(here.layer === "features" && here.feature === there.feature)) {
        const inside = there.rest.length > 0 && !/^index(\.tsx?)?$/.test(there.rest.join("/"));
        if (inside) context.report({ node, messageId: "door", data: { feature: there.feature } });
      }
    }

    return {
      ImportDeclaration: (node) => check(node, node.source.value),
      ExportNamedDeclaration: (node) => node.source && check(node, node.source.value),
      ExportAllDeclaration: (node) => check(node, node.source.value),
      ImportExpression: (node) => check(node, node.source.value),
    };
  },
};
