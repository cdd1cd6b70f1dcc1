import { ApartmentOutlined, CopyOutlined, DeleteOutlined, ExpandOutlined, MinusOutlined, PlusOutlined, QuestionCircleOutlined, RedoOutlined, SnippetsOutlined, UndoOutlined } from "@ant-design/icons";
import { Button, Popover, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isApple } from "@/lib/keyboard";
import { ENTRY } from "../document/types";
import type { Editor } from "../editor";
import type { CanvasVerbs } from "./useCanvasKeys";

interface CanvasToolsProps {
  editor: Editor;
  isEditing: boolean;
  verbs: CanvasVerbs;
  onCopy: () => void;
}

const MOD = isApple ? "⌘" : "Ctrl+";

export function CanvasTools({ editor, isEditing, verbs, onCopy }: CanvasToolsProps) {
  const { t } = useTranslation("journeys");
  const hasSteps = [...editor.chosen].some((name) => name !== ENTRY);
  return (
    <div className="j-tools" role="toolbar" aria-label={t("canvas.tools")}>
      {isEditing && (
        <>
          <Tool label={t("canvas.undo")} keys={`${MOD}Z`} icon={<UndoOutlined />} isDisabled={!editor.canUndo} onClick={editor.undo} />
          <Tool label={t("canvas.redo")} keys={isApple ? "⇧⌘Z" : "Ctrl+Y"} icon={<RedoOutlined />} isDisabled={!editor.canRedo} onClick={editor.redo} />
          <Tool label={t("canvas.copy")} keys={`${MOD}C`} icon={<CopyOutlined />} isDisabled={!hasSteps} onClick={onCopy} />
          <Tool label={t("canvas.paste")} keys={`${MOD}V`} icon={<SnippetsOutlined />} onClick={() => verbs.paste(null)} />
          <Tool label={t("canvas.remove")} keys="Del" icon={<DeleteOutlined />} isDisabled={!hasSteps} onClick={verbs.remove} />
          <Tool label={t("canvas.arrange")} keys="L" icon={<ApartmentOutlined />} onClick={verbs.arrange} />
        </>
      )}
      <Tool label={t("canvas.zoomOut")} keys="-" icon={<MinusOutlined />} onClick={() => verbs.zoom(-1)} />
      <Tool label={t("canvas.zoomIn")} keys="+" icon={<PlusOutlined />} onClick={() => verbs.zoom(1)} />
      <Tool label={t("canvas.fit")} keys="F" icon={<ExpandOutlined />} onClick={verbs.fit} />
      <Popover trigger="click" placement="topRight" title={t("canvas.keys")} content={<Keys isEditing={isEditing} />}>
        <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t("canvas.keys")} />
      </Popover>
    </div>
  );
}

function Tool({ label, keys, icon, isDisabled = false, onClick }: { label: string; keys: string; icon: ReactNode; isDisabled?: boolean; onClick: () => void }) {
  return (
    <Tooltip title={<>{label} <kbd>{keys}</kbd></>} mouseEnterDelay={0.4}>
      <Button type="text" icon={icon} aria-label={label} disabled={isDisabled} onClick={onClick} />
    </Tooltip>
  );
}

function Keys({ isEditing }: { isEditing: boolean }) {
  const { t } = useTranslation("journeys");
  const rows: [string, string][] = [
    ["↑ ↓ ← →", t("keys.walk")],
    ["Enter", t("keys.open")],
    ["F", t("canvas.fit")],
    ...(isEditing
      ? ([
          ["A", t("keys.add")],
          ["Del", t("canvas.remove")],
          ["Alt+↑↓←→", t("keys.nudge")],
          ["Space", t("keys.choose")],
          [`${MOD}A`, t("keys.chooseAll")],
          [`${MOD}C / ${MOD}V`, t("keys.copyPaste")],
          [`${MOD}D`, t("keys.duplicate")],
          [`${MOD}Z`, t("canvas.undo")],
          ["L", t("canvas.arrange")],
        ] satisfies [string, string][])
      : []),
  ];
  return (
    <dl className="j-keys">
      {rows.map(([keys, words]) => (
        <div key={keys}>
          <dt><kbd>{keys}</kbd></dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
