import { theme, type ThemeConfig } from "antd";
import { FONT, FONT_OF_CODE, palettes, type Mode } from "./tokens";

/** Ant Design in the colours of the house; `isCalm` for those who asked their system for less movement. */
export function antdTheme(mode: Mode, isCalm = false): ThemeConfig {
  const palette = palettes[mode];
  return {
    algorithm: mode === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      motion: !isCalm,
      colorPrimary: palette.ember,
      colorInfo: palette.slate,
      // The algorithm makes a heavy grey of slate.
      colorInfoBg: palette.raised,
      colorInfoBorder: palette.line,
      colorSuccess: palette.moss,
      colorWarning: palette.amber,
      colorError: palette.brick,
      colorLink: palette.ember,
      colorLinkHover: palette.ember,
      colorLinkActive: palette.ember,
      colorText: palette.ink,
      colorTextSecondary: palette.quiet,
      colorTextTertiary: palette.quiet,
      colorTextDescription: palette.quiet,
      colorTextPlaceholder: palette.quiet,
      colorTextLightSolid: palette["on-ember"],
      colorBgBase: palette.surface,
      colorBgLayout: palette.paper,
      colorBgContainer: palette.surface,
      colorBgElevated: palette.surface,
      colorBorder: palette.edge,
      colorBorderSecondary: palette.line,
      colorSplit: palette.line,
      controlItemBgActive: palette["ember-soft"],
      controlItemBgActiveHover: palette["ember-soft"],
      controlItemBgHover: palette.raised,
      colorFillAlter: palette.raised,
      borderRadius: 10,
      borderRadiusLG: 10,
      borderRadiusSM: 8,
      fontFamily: FONT,
      fontFamilyCode: FONT_OF_CODE,
      fontSize: 14,
      controlHeight: 36,
      boxShadow: "0 8px 24px rgb(31 27 22 / 14%)",
      boxShadowSecondary: "0 8px 24px rgb(31 27 22 / 14%)",
      boxShadowTertiary: "none",
    },
    components: {
      Button: {
        primaryShadow: "none",
        defaultShadow: "none",
        dangerShadow: "none",
        primaryColor: palette["on-ember"],
        fontWeight: 500,
        // The algorithm of the dark theme dulls it otherwise.
        colorPrimary: palette.ember,
        colorPrimaryHover: palette.ember,
        colorPrimaryActive: palette.ember,
      },
      Tooltip: { colorBgSpotlight: mode === "dark" ? palette.raised : palette.ink, colorTextLightSolid: mode === "dark" ? palette.ink : palette.paper },
      Checkbox: { borderRadiusSM: 4 },
      Form: { itemMarginBottom: 16, labelColor: palette.ink },
      Menu: { itemSelectedColor: palette.ember, itemSelectedBg: palette["ember-soft"] },
      Progress: { defaultColor: palette.ember },
    },
  };
}
