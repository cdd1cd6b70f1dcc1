import { Collapse, Input, Tabs } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import { useNames } from "@/lib/names";
import { Empty, ErrorState, Loaded, Loading, Panel, Pill, Time } from "@/ui";
import { usePast, useSchema, type SqlTable } from "./api";
import { examplesFor, written } from "./examples";

/** The code of a query that was given up, which is no fault. */
const STOPPED = "cancelled";

interface SidePanelProps {
  /** A name of the schema, as it must be written. */
  onInsert: (name: string) => void;
  /** A whole query. */
  onTake: (query: string) => void;
}

/** Beside the editor: which tables there are, what was asked before, and queries to learn from. */
export function SidePanel({ onInsert, onTake }: SidePanelProps) {
  const { t } = useTranslation("sql");
  return (
    <Panel className="h-sql-side">
      <Tabs
        size="small"
        items={[
          { key: "tables", label: t("side.tables"), children: <Tables onInsert={onInsert} /> },
          { key: "examples", label: t("side.examples"), children: <Examples onTake={onTake} /> },
          { key: "past", label: t("side.past"), children: <Past onTake={onTake} /> },
        ]}
      />
    </Panel>
  );
}

function Tables({ onInsert }: { onInsert: (name: string) => void }) {
  const { t } = useTranslation("sql");
  const schema = useSchema();
  const words = useServerWords();
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  return (
    <Loaded query={schema} rows={8}>
      {(tables) => {
        const shown = tables.flatMap((table) => narrowed(table, wanted));
        return (
          <>
            <Input allowClear placeholder={t("find")} aria-label={t("find")} value={text} onChange={(event) => setText(event.target.value)} />
            <p className="h-quiet h-sql-hint">{t("insertHint")}</p>
            {shown.length === 0 && <Empty title={t("noTable")} />}
            <Collapse
              ghost
              size="small"
              className="h-sql-tables"
              key={wanted === "" ? "all" : "found"}
              defaultActiveKey={wanted === "" ? tables.slice(0, 1).map((table) => table.name) : shown.map((table) => table.name)}
              items={shown.map((table) => ({
                key: table.name,
                label: <code className="h-code">{table.name}</code>,
                children: (
                  <>
                    <p className="h-quiet">{words(table.about)}</p>
                    <ul>
                      <li><Name name={table.name} type={t("table")} onInsert={onInsert} /></li>
                      {table.columns.map((column) => (
                        <li key={column.name}><Name name={column.name} type={column.type} onInsert={onInsert} /></li>
                      ))}
                    </ul>
                  </>
                ),
              }))}
            />
          </>
        );
      }}
    </Loaded>
  );
}

/** The table with the columns that fit; whole when its own name does, nothing when neither does. */
function narrowed(table: SqlTable, wanted: string): SqlTable[] {
  if (table.name.toLowerCase().includes(wanted)) return [table];
  const columns = table.columns.filter((column) => column.name.toLowerCase().includes(wanted));
  return columns.length > 0 ? [{ ...table, columns }] : [];
}

function Name({ name, type, onInsert }: { name: string; type: string; onInsert: (name: string) => void }) {
  const { t } = useTranslation("sql");
  return (
    <button type="button" className="h-sql-name" title={t("insert", { name })} onClick={() => onInsert(written(name))}>
      <code className="h-code h-cut">{name}</code>
      <span className="h-quiet">{type}</span>
    </button>
  );
}

function Examples({ onTake }: { onTake: (query: string) => void }) {
  const { t } = useTranslation("sql");
  const schema = useSchema();
  return (
    <Loaded query={schema} rows={8}>
      {(tables) => (
        <ul className="h-sql-list">
          {examplesFor(tables).map(({ key, query }) => (
            <li key={key}>
              <button type="button" className="h-sql-take" onClick={() => onTake(`${t(`example.${key}.comment`).replace(/^/gm, "-- ")}\n${query}`)}>
                <strong>{t(`example.${key}.name`)}</strong>
                <span className="h-quiet">{t(`example.${key}.comment`)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Past({ onTake }: { onTake: (query: string) => void }) {
  const { t } = useTranslation("sql");
  const formats = useFormats();
  const past = usePast();
  const names = useNames(useMemo(() => past.items.map((one) => one.by), [past.items]));
  if (past.isLoading) return <Loading rows={6} />;
  if (past.error) return <ErrorState error={past.error} retry={past.retry} />;
  if (past.items.length === 0) return <Empty title={t("past.empty")}>{t("past.emptyHelp")}</Empty>;
  return (
    <>
      <ul className="h-sql-list">
        {past.items.map((one) => (
          <li key={one.id}>
            <button type="button" className="h-sql-take" title={t("past.take")} onClick={() => onTake(one.query)}>
              <code className="h-code">{one.query}</code>
              <span className="h-quiet h-sql-when">
                <Time at={one.ran_at} />
                {names.get(one.by)?.name && <span>{names.get(one.by)?.name}</span>}
                {one.error === null && <span>{t("past.came", { count: one.rows ?? 0, ms: formats.number(one.took_ms) })}</span>}
                {one.error !== null && (one.error === STOPPED ? <span>{t("past.stopped")}</span> : <Pill tone="bad">{t("past.failed")}</Pill>)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {past.hasMore && <button type="button" className="h-sql-further" onClick={past.more}>{t("ui:table.more")}</button>}
    </>
  );
}
