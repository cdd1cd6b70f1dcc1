import {
  FileTextOutlined, FilterOutlined, IdcardOutlined, ImportOutlined, NodeIndexOutlined, SearchOutlined, SendOutlined, TagOutlined, TeamOutlined, UserOutlined,
} from "@ant-design/icons";
import { Input, Modal, Spin } from "antd";
import { useEffect, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFirstPlace, usePlaces } from "@/lib/places";
import { matching, useCommands, type Command } from "./commands";
import type { NavigationEntry, PageEntry } from "./entries";
import { useFound, type FoundGroup } from "./search";

interface PaletteProps {
  isOpen: boolean;
  onClose: () => void;
  entries: NavigationEntry[];
  pages: readonly PageEntry[];
  onGo: (to: string) => void;
  onLogOut: () => void;
}

/** ⌘K: members and all that has a name or an id, pages, and what can be done. */
export function Palette({ isOpen, onClose, ...rest }: PaletteProps) {
  return (
    <Modal open={isOpen} onCancel={onClose} footer={null} closable={false} destroyOnHidden width={640} className="h-palette" style={{ top: 80 }}>
      <PaletteBody {...rest} onClose={onClose} />
    </Modal>
  );
}

interface Section {
  name: string;
  title: string;
  commands: Command[];
}

const ICONS: Record<string, ReactNode> = {
  members: <UserOutlined />, segments: <FilterOutlined />, journeys: <NodeIndexOutlined />, templates: <FileTextOutlined />, channels: <SendOutlined />,
  tags: <TagOutlined />, users: <TeamOutlined />, imports: <ImportOutlined />,
};

function PaletteBody({ onClose, entries, pages, onGo, onLogOut }: Omit<PaletteProps, "isOpen">) {
  const { t } = useTranslation("shell");
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { groups, isWaiting, error } = useFound(text);
  const commands = useCommands(entries, pages, { onGo, onLogOut });
  const toSection = useSections(onGo);

  const sections: Section[] = [
    ...groups.map((group) => toSection(group, text.trim())),
    { name: "pages", title: t("search.pages"), commands: matching(commands.pages, text) },
    { name: "actions", title: t("search.actions"), commands: matching(commands.actions, text) },
  ].filter((section) => section.commands.length > 0);
  const all = sections.flatMap((section) => section.commands);
  const active = Math.max(0, Math.min(at, all.length - 1));

  useEffect(() => {
    document.getElementById(`palette-${active}`)?.scrollIntoView?.({ block: "nearest" });
  }, [active]);

  function run(command: Command | undefined) {
    if (!command) return;
    onClose();
    command.run();
  }

  function onKey(event: KeyboardEvent) {
    if (event.key === "ArrowDown") setAt(Math.min(active + 1, all.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(active - 1, 0));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) run(all[active]);
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
        suffix={isWaiting ? <Spin size="small" /> : null}
        placeholder={t("search.placeholder")}
        aria-label={t("search.placeholder")}
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={all[active] ? `palette-${active}` : undefined}
        value={text}
        maxLength={200}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id="palette-list" role="listbox" aria-label={t("search.results")} className="h-palette-list">
        {sections.map((section) => (
          <div key={section.name} role="group" aria-label={section.title}>
            <div className="h-palette-section" aria-hidden>{section.title}</div>
            {section.commands.map((command) => {
              const index = all.indexOf(command);
              return (
                // The keyboard moves through the field above, as the pattern of a combobox has it.
                <div key={command.key} id={`palette-${index}`} role="option" aria-selected={index === active} className="h-palette-line" onClick={() => run(command)} onMouseMove={() => setAt(index)}>
                  <span className="h-palette-icon" aria-hidden>{command.icon}</span>
                  <span className="h-palette-title">{command.title}</span>
                  {command.hint && <span className="h-palette-hint h-quiet">{command.hint}</span>}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {error ? <p className="h-palette-none" role="status">{t("search.failed")}</p> : null}
      {!error && all.length === 0 && !isWaiting && <p className="h-palette-none" role="status">{t("search.none")}</p>}
    </>
  );
}

/** What was found as lines that lead there; kinds without a page are left out. */
function useSections(onGo: (to: string) => void): (group: FoundGroup, text: string) => Section {
  const { t, i18n } = useTranslation("shell");
  const places = usePlaces();
  const first = useFirstPlace();
  return (group, text) => {
    const ofTag = (tag: string) => first("/members") && `/members?tag=${encodeURIComponent(JSON.stringify([tag]))}`;
    const lines = group.items.flatMap((item): Command[] => {
      const to = group.kind === "tags" ? ofTag(item.id) : group.kind === "jobs" ? "?jobs=open" : places(item.id);
      if (!to) return [];
      const why = item.why && i18n.exists(`shell:search.why.${item.why}`) ? t(`search.why.${item.why}`) : "";
      return [{ key: `${group.kind}${item.id}`, title: item.name, hint: [item.hint, why].filter(Boolean).join(" · "), icon: ICONS[group.kind] ?? <IdcardOutlined />, run: () => onGo(to) }];
    });
    const list = first("/members");
    if (group.kind === "members" && list && (group.more || !group.complete)) {
      lines.push({ key: "members more", title: t("search.allMembers", { text }), icon: <SearchOutlined />, run: () => onGo(`${list}?search=${encodeURIComponent(text)}`) });
    }
    const title = i18n.exists(`shell:search.kinds.${group.kind}`) ? t(`search.kinds.${group.kind}`) : group.kind;
    return { name: group.kind, title, commands: lines };
  };
}
