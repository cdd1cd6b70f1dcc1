import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dark, light, type Palette } from "./tokens";

const css = readFileSync("src/ui/theme/theme.css", "utf8");

function fromCss(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf("}", start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#\w+);/g)].map((match) => [match[1]!, match[2]!.toUpperCase()]));
}

test("style sheets have the same colours as components", () => {
  expect(fromCss(":root")).toEqual(light);
  expect(fromCss(':root[data-theme="dark"]')).toEqual(dark);
});

function luminance(colour: string): number {
  const part = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test.each<[string, Palette]>([["light", light], ["dark", dark]])("words can be read in the %s theme (WCAG 2.2 AA)", (_, palette) => {
  for (const ground of ["paper", "surface", "raised"] as const) {
    for (const word of ["ink", "quiet", "ember", "moss-ink", "amber-ink", "brick", "slate"] as const) {
      expect(contrast(palette[word], palette[ground]), `${word} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
  expect(contrast(palette["on-ember"], palette.ember)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.ember, palette["ember-soft"]), "chosen entry").toBeGreaterThanOrEqual(4.5);
});
