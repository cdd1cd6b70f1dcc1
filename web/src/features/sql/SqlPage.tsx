import { PlayCircleOutlined, StopOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/lib/api";
import { isApple, useShortcut } from "@/lib/keyboard";
import { useCan, useMe } from "@/lib/session";
import { remember, remembered } from "@/lib/storage";
import { CopyButton, Loading, NoPermission, Page, Panel, useUndoToast } from "@/ui";
import { Answer } from "./Answer";
import { useSchema } from "./api";
import { keepDraft, keptDraft, linkTo, queryOfLink } from "./draft";
import { examplesFor, type ExampleKey } from "./examples";
import { placeOf } from "./place";
import { SidePanel } from "./SidePanel";
import type { EditorHandle } from "./SqlEditor";
import { useRun } from "./useRun";
import "./sql.css";

const SqlEditor = lazy(() => import("./SqlEditor"));

const LIMITS = [100, 1000, 10_000];
const USUAL = 1000;
/** The example that is short and answers something at once. */
const FIRST: ExampleKey = "stages";

/** A question in SQL, for whoever wants to know what no page asks. */
export function SqlPage() {
  const { t } = useTranslation("sql");
  const mayRead = useCan("people", "read");
  return (
    <Page title={t("title")} description={t("description")} crumbs={[{ title: t("insight") }]}>
      {mayRead ? <Workbench /> : <NoPermission />}
    </Page>
  );
}

function Workbench() {
  const { t } = useTranslation("sql");
  const workspace = useMe()?.workspace.id ?? "";
  const [query, setQuery] = useDraft(workspace);
  const [limit, setLimit] = useState(() => remembered("sql.limit", USUAL));
  const { run, start, stop } = useRun();
  const editor = useRef<EditorHandle>(null);
  const toast = useUndoToast();
  const schema = useSchema();
  const example = useMemo(() => examplesFor(schema.data ?? []).find((one) => one.key === FIRST)?.query ?? null, [schema.data]);
  const isRunning = run !== null && run.since !== null;
  const canRun = query.trim() !== "";
  const place = useMemo(() => (run?.error && run.query === query ? placeOf(run.error) : null), [run, query]);
  const fault = useMemo(() => {
    if (!place || !run) return null;
    const problem = asProblem(run.error);
    return { place, message: problem.detail ?? problem.title };
  }, [place, run]);

  function execute(rows = limit) {
    if (canRun) start(query, rows);
  }
  useShortcut("mod+enter", () => execute());

  /** What stood there can be had back. */
  function takeOver(next: string) {
    const before = query;
    setQuery(next);
    editor.current?.focus();
    if (before.trim() !== "" && before !== next) toast(t("taken"), async () => setQuery(before));
  }

  return (
    <div className="h-sql">
      <div className="h-sql-main">
        <Panel className="h-sql-writing">
          <Suspense fallback={<Loading rows={6} />}>
            <SqlEditor ref={editor} value={query} onChange={setQuery} label={t("editor")} fault={fault} />
          </Suspense>
          <div className="h-sql-tools">
            <Button type="primary" icon={<PlayCircleOutlined />} disabled={!canRun} onClick={() => execute()} aria-keyshortcuts="Control+Enter Meta+Enter">
              {t("run")} <kbd aria-hidden>{isApple ? "⌘↵" : "Ctrl ↵"}</kbd>
            </Button>
            {isRunning && <Button icon={<StopOutlined />} onClick={stop}>{t("stop")}</Button>}
            <Select
              className="h-sql-limit"
              aria-label={t("limit.label")}
              value={limit}
              options={LIMITS.map((value) => ({ value, label: t("limit.rows", { count: value }) }))}
              onChange={(next) => {
                setLimit(next);
                remember("sql.limit", next);
              }}
            />
            <span className="h-sql-gap" />
            {canRun && (
              <span className="h-sql-link">
                <span className="h-quiet">{t("link")}</span>
                <CopyButton text={linkTo(window.location.href, query)} label={t("link")} />
              </span>
            )}
          </div>
          <p className="h-quiet h-sql-hint">{t("keys")}</p>
        </Panel>
        <Answer
          run={run}
          place={place}
          limit={limit}
          most={LIMITS.at(-1) ?? USUAL}
          onStop={stop}
          onMore={(rows) => {
            setLimit(rows);
            execute(rows);
          }}
          example={example}
          onExample={() => {
            if (!example) return;
            takeOver(example);
            start(example, limit);
          }}
          onPlace={(at) => editor.current?.goTo(at)}
        />
      </div>
      <SidePanel onInsert={(name) => editor.current?.insert(name)} onTake={takeOver} />
    </div>
  );
}

/** What is being written: from a link, else from before the last reload. */
function useDraft(workspace: string): [string, (query: string) => void] {
  const navigate = useNavigate();
  const hash = useRouterState({ select: (state) => state.location.hash });
  const linked = queryOfLink(hash);
  const [query, setQuery] = useState(() => linked ?? keptDraft(workspace) ?? "");
  const keep = useCallback(
    (next: string) => {
      setQuery(next);
      keepDraft(workspace, next);
    },
    [workspace],
  );
  // A link is taken over and leaves the address, so that a later reload keeps what was changed since.
  useEffect(() => {
    if (linked === null) return;
    keep(linked);
    void navigate({ to: ".", hash: "", replace: true, resetScroll: false });
  }, [linked, keep, navigate]);
  return [query, keep];
}
