import { SearchOutlined } from "@ant-design/icons";
import { Input, Modal } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES } from "@/lib/i18n";
import { THEME_CHOICES, useTheme } from "@/ui";
import type { NavigationEntry, SearchHit, Searcher } from "./entries";

interface Item {
  key: string;
  title: string;
  detail: string;
  icon?: ReactNode;
  run: () => void;
}

interface PaletteProps {
  isOpen: boolean;
  onClose: () => void;
  entries: NavigationEntry[];
  searchers: Searcher[];
  onGo: (to: string) => void;
}

/** ⌘K: pages, actions, and whatever the features can look for. */
export function Palette({ isOpen, onClose, ...rest }: PaletteProps) {
  return (
    <Modal open={isOpen} onCancel={onClose} footer={null} closable={false} destroyOnHidden width={600} className="h-palette" style={{ top: 96 }}>
      <PaletteBody {...rest} onClose={onClose} />
    </Modal>
  );
}

function PaletteBody({ onClose, entries, searchers, onGo }: Omit<PaletteProps, "isOpen">) {
  const { t } = useTranslation("shell");
  const { choose } = useTheme();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();

  const actions = useMemo<Item[]>(
    () => [
      ...entries.map((entry) => ({ key: `go${entry.to}`, title: t(entry.labelKey), detail: t("search.page"), icon: entry.icon, run: () => onGo(entry.to ?? "/") })),
      ...(["users", "keys", "account"] as const).map((page) => ({ key: page, title: t(`search.settings.${page}`), detail: t("search.page"), run: () => onGo(`/settings/${page}`) })),
      ...THEME_CHOICES.map((one) => ({ key: `theme${one}`, title: t(`search.theme.${one}`), detail: t("search.action"), run: () => choose(one) })),
      ...LANGUAGES.map((language) => ({ key: language, title: t(`ui:languageName.${language}`), detail: t("search.language"), run: () => void chooseLanguage(language) })),
    ],
    [entries, t, onGo, choose],
  );

  const found = useQuery({
    queryKey: ["palette", wanted],
    enabled: wanted.length > 0 && searchers.length > 0,
    queryFn: async ({ signal }) => {
      const replies = await Promise.allSettled(searchers.map((searcher) => searcher.search(wanted, signal)));
      return replies.flatMap((reply): SearchHit[] => (reply.status === "fulfilled" ? reply.value : []));
    },
  });
  const hits: Item[] = (found.data ?? []).map((hit) => ({ key: hit.key, title: hit.title, detail: hit.detail ?? "", run: () => onGo(hit.to) }));
  const items = [...actions.filter((item) => `${item.title} ${item.detail}`.toLowerCase().includes(wanted)), ...hits];
  const active = Math.min(at, items.length - 1);

  function run(item: Item | undefined) {
    if (!item) return;
    onClose();
    item.run();
  }

  function onKey(event: KeyboardEvent) {
    if (event.key === "ArrowDown") setAt(Math.min(active + 1, items.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(active - 1, 0));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) run(items[active]);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <Input
        size="large"
        variant="borderless"
        autoFocus
        prefix={<SearchOutlined aria-hidden />}
        placeholder={t("search.placeholder")}
        aria-label={t("search.placeholder")}
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={items[active] ? `palette-${active}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul id="palette-list" role="listbox" aria-label={t("search.results")} className="h-palette-list">
        {items.map((item, index) => (
          // The keyboard moves through the field above, as the pattern of a combobox has it.
          <li key={item.key} id={`palette-${index}`} role="option" aria-selected={index === active} onClick={() => run(item)} onMouseMove={() => setAt(index)}>
            <span aria-hidden>{item.icon}</span>
            <span>{item.title}</span>
            <span className="h-quiet">{item.detail}</span>
          </li>
        ))}
      </ul>
      {items.length === 0 && <p className="h-palette-none" role="status">{t("search.none")}</p>}
    </>
  );
}
