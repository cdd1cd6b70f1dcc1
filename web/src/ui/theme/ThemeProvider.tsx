import { App, ConfigProvider, type ConfigProviderProps } from "antd";
import dayjs from "dayjs";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { remember, remembered } from "@/lib/storage";
import { antdTheme } from "./antd";
import type { Mode } from "./tokens";
import "./theme.css";
import "./base.css";

export type ThemeChoice = "system" | Mode;
export const THEME_CHOICES: readonly ThemeChoice[] = ["system", "light", "dark"];

interface Theme {
  mode: Mode;
  choice: ThemeChoice;
  choose: (choice: ThemeChoice) => void;
}

const ThemeContext = createContext<Theme>({ mode: "light", choice: "system", choose: () => undefined });

export function useTheme(): Theme {
  return useContext(ThemeContext);
}

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const system = window.matchMedia("(prefers-color-scheme: dark)");

type AntdLocale = NonNullable<ConfigProviderProps["locale"]>;

/** The words that Ant Design brings itself, and those of its calendar. */
async function loadLocale(language: string): Promise<AntdLocale> {
  if (language === "zh-CN") {
    const [words] = await Promise.all([import("antd/es/locale/zh_CN"), import("dayjs/locale/zh-cn")]);
    dayjs.locale("zh-cn");
    return words.default;
  }
  if (language === "zh-TW") {
    const [words] = await Promise.all([import("antd/es/locale/zh_TW"), import("dayjs/locale/zh-tw")]);
    dayjs.locale("zh-tw");
    return words.default;
  }
  dayjs.locale("en");
  return (await import("antd/es/locale/en_US")).default;
}

let first: AntdLocale | undefined;

/** Reads those words before the first paint, beside the messages, so that nothing is drawn twice. */
export async function startLocale(language: string): Promise<void> {
  first = await loadLocale(language);
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<ThemeChoice>(() => remembered<ThemeChoice>("theme", "system"));
  const [systemIsDark, setSystemIsDark] = useState(system.matches);
  const [locale, setLocale] = useState(first);
  const { i18n } = useTranslation();

  useEffect(() => {
    const follow = () => setSystemIsDark(system.matches);
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, []);

  useEffect(() => {
    let isCurrent = true;
    void loadLocale(i18n.language).then((words) => isCurrent && setLocale(words));
    return () => {
      isCurrent = false;
    };
  }, [i18n.language]);

  const mode: Mode = choice === "system" ? (systemIsDark ? "dark" : "light") : choice;
  useEffect(() => {
    document.documentElement.dataset.theme = mode;
  }, [mode]);

  const choose = useCallback((next: ThemeChoice) => {
    remember("theme", next);
    setChoice(next);
  }, []);
  const value = useMemo(() => ({ mode, choice, choose }), [mode, choice, choose]);
  const theme = useMemo(() => antdTheme(mode, calm.matches), [mode]);

  return (
    <ThemeContext value={value}>
      <ConfigProvider theme={theme} locale={locale} button={{ autoInsertSpace: false }} form={{ requiredMark: false }}>
        <App className="h-app" message={{ top: 64 }}>
          {children}
        </App>
      </ConfigProvider>
    </ThemeContext>
  );
}
