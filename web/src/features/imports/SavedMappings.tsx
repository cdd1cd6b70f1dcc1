import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Panel, useTellProblem, useUndoToast } from "@/ui";
import { useSaveMapping, useSavedMappings, type Import } from "./api";
import { readMapping, type Draft, type ImportKind } from "./mapping";

interface SavedMappingsProps {
  one: Import;
  draft: Draft;
  onUse: (draft: Draft) => void;
}

/** A mapping is made once and used for each file of its kind. */
export function SavedMappings({ one, draft, onUse }: SavedMappingsProps) {
  const { t } = useTranslation("imports");
  const saved = useSavedMappings();
  const save = useSaveMapping();
  const tell = useTellProblem();
  const toast = useUndoToast();
  const mayWrite = useCan("ingest", "write");
  const [used, setUsed] = useState<string>();
  const [name, setName] = useState("");
  const list = saved.data ?? [];
  const offered = one.offered_mapping;

  function use(id: string) {
    const mapping = list.find((candidate) => candidate.id === id);
    if (!mapping) return;
    const before = draft;
    setUsed(id);
    setName(mapping.name);
    onUse(readMapping(mapping.mapping as Record<string, unknown>, mapping.kind as ImportKind));
    toast(t("saved.used", { name: mapping.name }), async () => onUse(before));
  }

  function keep() {
    const same = list.find((candidate) => candidate.name === name.trim());
    save.mutate(
      { id: same?.id, name: name.trim(), draft },
      { onSuccess: (mapping) => { setUsed(mapping.id); toast(t("saved.done", { name: mapping.name })); }, onError: tell },
    );
  }

  const replaces = list.some((candidate) => candidate.name === name.trim());
  return (
    <Panel title={t("saved.title")}>
      {offered && offered.id !== used && (
        <p className="h-saved-offer">
          {t("saved.offer", { name: offered.name })}{" "}
          <Button size="small" onClick={() => use(offered.id)} disabled={list.length === 0}>
            {t("saved.use")}
          </Button>
        </p>
      )}
      <div className="h-saved">
        <Select
          aria-label={t("saved.choose")}
          placeholder={list.length === 0 ? t("saved.none") : t("saved.choose")}
          disabled={list.length === 0}
          value={used}
          onChange={use}
          showSearch={{ optionFilterProp: "label" }}
          options={list.map((mapping) => ({ value: mapping.id, label: mapping.name }))}
        />
        {mayWrite && (
          <div className="h-saved-new">
            <Input aria-label={t("saved.name")} placeholder={t("saved.name")} maxLength={200} value={name} onChange={(event) => setName(event.target.value)} onPressEnter={() => name.trim() && keep()} />
            <Button onClick={keep} disabled={!name.trim()} loading={save.isPending}>
              {replaces ? t("saved.replace") : t("ui:save")}
            </Button>
          </div>
        )}
      </div>
      <p className="h-quiet">{t("saved.help")}</p>
    </Panel>
  );
}
