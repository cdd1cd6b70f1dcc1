import { afterEach } from "vitest";
import { cleanup, configure } from "@testing-library/react";

afterEach(cleanup);

// What is waited for comes soon or never; on a busy machine soon is later.
configure({ asyncUtilTimeout: 10_000 });

// jsdom has no layout; antd asks for these.
window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
    dispatchEvent: () => false,
  }) as MediaQueryList;

/** Nothing ever changes its size there. */
class NoResize {
  observe() {}
  unobserve() {}
  disconnect() {}
}
window.ResizeObserver ??= NoResize;

// A field that grows with its text adds up the padding and the border that the browser computes. jsdom does not follow the
// variables in which antd writes them, and a sum with nothing in it is not a number: what is not known takes no room.
const computed = window.getComputedStyle.bind(window);
window.getComputedStyle = (element, pseudo) => {
  const style = computed(element, pseudo);
  if (element.tagName !== "TEXTAREA") return style;
  const read = style.getPropertyValue.bind(style);
  style.getPropertyValue = (name) => read(name) || (/^(padding|border)-/.test(name) ? "0px" : "");
  return style;
};
