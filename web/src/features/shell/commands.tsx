import { BgColorsOutlined, LogoutOutlined, PlusOutlined, ThunderboltOutlined, TranslationOutlined } from "@ant-design/icons";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES } from "@/lib/i18n";
import { useFirstPlace } from "@/lib/places";
import { allows, useMe, type Area } from "@/lib/session";
import { THEME_CHOICES, useTheme } from "@/ui";
import type { NavigationEntry, PageEntry } from "./entries";

/** A line of the palette. */
export interface Command {
  key: string;
  title: string;
  hint?: string;
  icon?: ReactNode;
  run: () => void;
}

/** Things to begin, by the first page that there is for them. */
const BEGINNINGS: readonly { name: string; area: Area; routes: readonly string[] }[] = [
  { name: "segment", area: "segments", routes: ["/segments/new"] },
  { name: "journey", area: "outreach", routes: ["/journeys?new=true", "/journeys"] },
  { name: "template", area: "outreach", routes: ["/templates?open=new", "/templates"] },
  { name: "import", area: "ingest", routes: ["/imports/new", "/imports"] },
  { name: "key", area: "settings", routes: ["/settings/keys?open=new"] },
  { name: "user", area: "settings", routes: ["/settings/users?open=new"] },
  { name: "channel", area: "settings", routes: ["/settings/channels?open=new"] },
];

interface Ways {
  onGo: (to: string) => void;
  onLogOut: () => void;
}

/** Pages and what can be done, as far as the role goes. */
export function useCommands(entries: readonly NavigationEntry[], pages: readonly PageEntry[], { onGo, onLogOut }: Ways): { pages: Command[]; actions: Command[] } {
  const { t } = useTranslation("shell");
  const { choose } = useTheme();
  const me = useMe();
  const first = useFirstPlace();
  return useMemo(() => {
    const isAdmin = me ? allows(me.role, "settings", "read") : false;
    const begin = BEGINNINGS.filter(({ area }) => me && allows(me.role, area, "write")).flatMap(({ name, routes }): Command[] => {
      const to = first(...routes);
      return to ? [{ key: name, title: t(`search.begin.${name}`), icon: <PlusOutlined />, run: () => onGo(to) }] : [];
    });
    return {
      pages: [
        ...entries.map((entry) => ({ key: `go${entry.to}`, title: t(entry.labelKey), icon: entry.icon, run: () => onGo(entry.to ?? "/") })),
        ...pages.filter((page) => isAdmin || !page.isForAdmins).map((page) => ({ key: `go${page.to}`, title: t(page.labelKey), hint: t("nav.settings"), run: () => onGo(page.to ?? "/") })),
      ],
      actions: [
        ...begin,
        { key: "jobs", title: t("search.jobs"), icon: <ThunderboltOutlined />, run: () => onGo("?jobs=open") },
        ...THEME_CHOICES.map((one) => ({ key: `theme${one}`, title: t(`search.theme.${one}`), icon: <BgColorsOutlined />, run: () => choose(one) })),
        ...LANGUAGES.map((language) => ({ key: language, title: t(`ui:languageName.${language}`), hint: t("search.language"), icon: <TranslationOutlined />, run: () => void chooseLanguage(language) })),
        { key: "logout", title: t("user.logOut"), icon: <LogoutOutlined />, run: onLogOut },
      ],
    };
  }, [t, me, entries, pages, onGo, onLogOut, choose, first]);
}

/** The lines that have all the words that were typed, in any order. */
export function matching(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ title, hint = "" }) => words.every((word) => `${title} ${hint}`.toLowerCase().includes(word)));
}
