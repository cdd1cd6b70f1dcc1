/** The colours of the house. `theme.css` says the same to style sheets; a test keeps the two alike. */
export const light = {
  paper: "#FAF7F2",
  surface: "#FFFFFF",
  raised: "#F5F0E8",
  ink: "#1F1B16",
  quiet: "#5E554A",
  line: "#E8E1D6",
  edge: "#8C8172",
  ember: "#C2410C",
  "ember-soft": "#FFEDD5",
  "on-ember": "#FFFFFF",
  moss: "#3F7D58",
  "moss-ink": "#2C6043",
  amber: "#B7791F",
  "amber-ink": "#7C5010",
  brick: "#B42318",
  slate: "#475569",
} as const;

export type Palette = { [name in keyof typeof light]: string };

export const dark: Palette = {
  paper: "#171412",
  surface: "#211D1A",
  raised: "#2B2622",
  ink: "#F3EDE4",
  quiet: "#B8AC9D",
  line: "#3A332D",
  edge: "#85796B",
  ember: "#F97316",
  "ember-soft": "#3B2416",
  "on-ember": "#1B120B",
  moss: "#6FB58C",
  "moss-ink": "#8CCBA5",
  amber: "#E0A93F",
  "amber-ink": "#EBC06B",
  brick: "#F0776B",
  slate: "#A3B1C4",
};

export const palettes = { light, dark };
export type Mode = keyof typeof palettes;

/** Series of a plot, in this order; told apart by people who see few colours, and never more than seven. */
export const series: Record<Mode, readonly string[]> = {
  light: ["#C2410C", "#3F7D58", "#475569", "#B7791F", "#6D4AA0", "#2B7A9B", "#A3485F"],
  dark: ["#F97316", "#6FB58C", "#A3B1C4", "#E0A93F", "#B195E0", "#64B5D6", "#E08AA0"],
};

export const FONT =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "PingFang TC", "Noto Sans SC", "Noto Sans CJK SC", ' +
  '"Microsoft YaHei", "Microsoft JhengHei", sans-serif';
export const FONT_OF_CODE = 'ui-monospace, "SF Mono", "Cascadia Mono", "Noto Sans Mono", Menlo, Consolas, monospace';
