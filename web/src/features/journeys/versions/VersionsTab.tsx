import { HistoryOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { DataTable, Empty, Loading, Num, Pill, Time, useConfirm, useUndoToast, type Column } from "@/ui";
import { useAddress } from "../address";
import { useRestore, useVersion, useVersions, type Journey, type Version } from "../api";
import type { Autosave } from "../autosave";
import { JourneyCanvas } from "../canvas/JourneyCanvas";
import { useChoices } from "../choices";
import { diff, marksOf } from "../document/diff";
import type { JourneyDocument } from "../document/types";
import { parseDocument } from "../document/wire";
import type { Editor } from "../editor";
import { Actor } from "./Actor";
import { Differences } from "./Differences";
import "./versions.css";

interface VersionsTabProps {
  journey: Journey;
  editor: Editor;
  autosave: Autosave;
  isEditing: boolean;
}

const DRAFT = "draft";

/** What the journey was, version by version, and what two of them have otherwise. */
export function VersionsTab({ journey, editor, autosave, isEditing }: VersionsTabProps) {
  const { t } = useTranslation("journeys");
  const { at, change } = useAddress();
  const list = useVersions(journey.id);
  const newest = list.items[0]?.version;
  const a = at.a ?? (newest === undefined ? undefined : String(newest));
  const b = at.b ?? DRAFT;
  const columns: Column<Version>[] = [
    { key: "version", title: t("versions.version"), isFixed: true, render: (one) => <><strong>{one.version}</strong> {one.is_current && <Pill tone="good">{t("versions.current")}</Pill>}</>, text: (one) => one.version },
    { key: "published", title: t("versions.published"), render: (one) => <Time at={one.published_at} />, text: (one) => one.published_at },
    { key: "by", title: t("versions.by"), render: (one) => <Actor id={one.published_by} />, text: (one) => one.published_by },
    { key: "under_way", title: t("list.underWay"), isNumber: true, render: (one) => <Num value={one.under_way} />, text: (one) => one.under_way },
    {
      key: "actions",
      title: "",
      isFixed: true,
      render: (one) => (
        <span className="j-version-actions">
          <Button size="small" onClick={() => change({ a: String(one.version), b: DRAFT })}>{t("versions.compare")}</Button>
          {isEditing && <Restore journey={journey} editor={editor} autosave={autosave} version={one.version} />}
        </span>
      ),
    },
  ];
  return (
    <div className="j-tab">
      <DataTable name="journey-versions" label={t("tab.versions")} list={list} columns={columns} rowKey={(one) => String(one.version)} empty={<Empty icon={<HistoryOutlined />} title={t("versions.empty")}>{t("versions.emptyHelp")}</Empty>} />
      {a !== undefined && (
        <section className="j-compare" aria-label={t("versions.compare")}>
          <header className="j-row">
            <h2>{t("versions.compareTitle")}</h2>
            <Choose label={t("versions.before")} value={a} versions={list.items} onChange={(next) => change({ a: next })} />
            <span aria-hidden>→</span>
            <Choose label={t("versions.after")} value={b} versions={list.items} onChange={(next) => change({ b: next })} />
          </header>
          <Compared journey={journey} draft={editor.document} a={a} b={b} />
        </section>
      )}
    </div>
  );
}

function Choose({ label, value, versions, onChange }: { label: string; value: string; versions: Version[]; onChange: (value: string) => void }) {
  const { t } = useTranslation("journeys");
  const options = [{ value: DRAFT, label: t("versions.draft") }, ...versions.map((one) => ({ value: String(one.version), label: t("versions.number", { version: one.version }) }))];
  return <Select aria-label={label} className="j-choose" value={value} options={options} onChange={onChange} />;
}

function useDocument(journey: Journey, draft: JourneyDocument, which: string): JourneyDocument | undefined {
  const version = useVersion(journey.id, which === DRAFT ? null : Number(which));
  return useMemo(() => (which === DRAFT ? draft : version.data && parseDocument(version.data.document)), [which, draft, version.data]);
}

const NOBODY: ReadonlySet<string> = new Set();

function Compared({ journey, draft, a, b }: { journey: Journey; draft: JourneyDocument; a: string; b: string }) {
  const { t } = useTranslation("journeys");
  const choices = useChoices();
  const before = useDocument(journey, draft, a);
  const after = useDocument(journey, draft, b);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NOBODY);
  const found = useMemo(() => before && after && diff(before, after), [before, after]);
  const marks = useMemo(() => found && { a: marksOf(found, "a"), b: marksOf(found, "b") }, [found]);
  if (!before || !after || !found || !marks) return <Loading />;
  const name = (which: string) => (which === DRAFT ? t("versions.draft") : t("versions.number", { version: which }));
  const choose = (names: string[]) => setChosen(new Set(names));
  return (
    <>
      <div className="j-sides">
        {([["a", a, before], ["b", b, after]] as const).map(([side, which, document]) => (
          <figure key={side}>
            <figcaption>{name(which)}</figcaption>
            <div className="j-side">
              <JourneyCanvas key={which} label={name(which)} document={document} choices={choices} marks={marks[side]} chosen={chosen} chosenWay={null} onChoose={choose} />
            </div>
          </figure>
        ))}
      </div>
      <Differences found={found} a={before} b={after} choices={choices} labels={[name(a), name(b)]} onShow={(step) => choose([step])} />
    </>
  );
}

function Restore({ journey, editor, autosave, version }: { journey: Journey; editor: Editor; autosave: Autosave; version: number }) {
  const { t } = useTranslation("journeys");
  const ask = useConfirm();
  const toast = useUndoToast();
  const restore = useRestore(journey.id);
  return (
    <Button
      size="small"
      onClick={() =>
        ask({
          title: t("versions.restoreTitle", { version }),
          description: t("versions.restoreHelp"),
          verb: t("versions.restore"),
          act: async () => {
            const revision = (await autosave.flush()) ?? autosave.revision;
            const reply = await restore.mutateAsync({ version, revision });
            autosave.take(reply);
            toast(t("versions.restored", { version }), async () => editor.undo());
          },
        })
      }
    >
      {t("versions.restore")}
    </Button>
  );
}
