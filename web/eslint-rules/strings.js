// Words that people read stand in src/messages, in three languages; never in the code.

const LETTER = /\p{L}{2,}|\p{Script=Han}/u;
const HAN = /\p{Script=Han}/u;

/** Attributes and properties whose value is read by people. */
const READ_BY_PEOPLE = new Set([
  "title", "label", "placeholder", "alt", "description", "help", "extra", "tooltip", "okText", "cancelText",
  "aria-label", "aria-description", "aria-roledescription", "heading", "question", "unit", "emptyText",
]);

export default {
  meta: {
    type: "problem",
    schema: [],
    messages: { word: "“{{text}}” belongs into src/messages/*/<feature>.json." },
  },
  create(context) {
    const report = (node, text) =>
      context.report({ node, messageId: "word", data: { text: text.trim().slice(0, 40) } });

    const literal = (node) => {
      if (node?.type === "Literal" && typeof node.value === "string") return node.value;
      if (node?.type === "TemplateLiteral") return node.quasis.map((part) => part.value.cooked).join("");
      return "";
    };

    return {
      JSXText(node) {
        if (LETTER.test(node.value)) report(node, node.value);
      },
      JSXExpressionContainer(node) {
        if (node.parent.type === "JSXAttribute") return;
        const text = literal(node.expression);
        if (LETTER.test(text)) report(node, text);
      },
      JSXAttribute(node) {
        const name = node.name.type === "JSXNamespacedName" ? node.name.name.name : node.name.name;
        if (!READ_BY_PEOPLE.has(name)) return;
        const value = node.value?.type === "JSXExpressionContainer" ? node.value.expression : node.value;
        const text = literal(value);
        if (LETTER.test(text)) report(node, text);
      },
      Property(node) {
        const name = node.key.type === "Identifier" ? node.key.name : node.key.value;
        if (!READ_BY_PEOPLE.has(name)) return;
        const text = literal(node.value);
        if (LETTER.test(text)) report(node, text);
      },
      Literal(node) {
        if (typeof node.value === "string" && HAN.test(node.value)) report(node, node.value);
      },
    };
  },
};
