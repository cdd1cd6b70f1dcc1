import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { isApple } from "@/lib/keyboard";
import type { NavigationEntry } from "./entries";

export function ShortcutsHelp({ isOpen, onClose, entries }: { isOpen: boolean; onClose: () => void; entries: NavigationEntry[] }) {
  const { t } = useTranslation("shell");
  const rows: [string[], string][] = [
    [[isApple ? "⌘" : "Ctrl", "K"], t("search.open")],
    [["?"], t("shortcuts.title")],
    ...entries.filter((entry) => entry.shortcut).map((entry): [string[], string] => [["G", (entry.shortcut ?? "").toUpperCase()], t("shortcuts.go", { page: t(entry.labelKey) })]),
    [["↑", "↓"], t("shortcuts.rows")],
    [["Enter"], t("shortcuts.open")],
    [["Esc"], t("shortcuts.close")],
  ];
  return (
    <Modal title={t("shortcuts.title")} open={isOpen} onCancel={onClose} footer={null} width={440}>
      <dl className="h-shortcuts">
        {rows.map(([keys, label]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
