import { CopyOutlined, DeleteOutlined, HistoryOutlined, MoreOutlined, SendOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/lib/api";
import { useCan } from "@/lib/session";
import { FormErrors, Page, SaveBar, useTellProblem, useUndoToast, useUrlDrawer } from "@/ui";
import { readTemplate, useCheckLinks, useCreate, useLint, useReplace, useRestore } from "./api";
import { ConflictDialog } from "./ConflictDialog";
import { draftOf, placeOf, sameDraft, type Draft, type Template, type Variant } from "./draft";
import { EditorFields, type FieldsHandle } from "./EditorFields";
import { warningsOfProblem, type Warning } from "./lint";
import { LintList } from "./LintList";
import { PreviewPane } from "./PreviewPane";
import { TestDrawer } from "./TestDrawer";
import { useDeleteTemplate, useDuplicate } from "./useTemplateActions";
import { useRest } from "./useRest";
import { VersionsDrawer } from "./VersionsDrawer";

interface EditorProps {
  /** Missing while it was never saved. */
  id: string | undefined;
  start: Draft;
  version: number;
  onCreated?: (id: string) => void;
}

const LINT_PAUSE = 600;
const PREVIEW_PAUSE = 400;

/** Where a template is written: its words at the left, how they read at the right, what may be wrong below. */
export function Editor({ id, start, version: startVersion, onCreated }: EditorProps) {
  const { t } = useTranslation("templates");
  const mayWrite = useCan("outreach", "write");
  const [draft, setDraft] = useState(start);
  const [saved, setSaved] = useState<Draft | null>(id ? start : null);
  const [version, setVersion] = useState(startVersion);
  const [variant, setVariant] = useState<Variant>("all");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [theirs, setTheirs] = useState<Template | null>(null);
  const [created, setCreated] = useState<string | null>(null);
  const { member } = useSearch({ from: "/shell/templates/$templateId" });
  const navigate = useNavigate({ from: "/templates/$templateId" });
  const drawer = useUrlDrawer();
  const fields = useRef<FieldsHandle>(null);
  const tell = useTellProblem();
  const toast = useUndoToast();
  const create = useCreate();
  const replace = useReplace();
  const restore = useRestore();
  const duplicate = useDuplicate();
  const remove = useDeleteTemplate();
  const checkLinks = useCheckLinks();

  const lint = useLint(useRest(draft, LINT_PAUSE), id);
  const resting = useRest(draft, PREVIEW_PAUSE);
  const refused = useMemo(() => (problem ? warningsOfProblem(problem) : []), [problem]);
  const warnings = useMemo(() => withoutTwins([...refused, ...(lint.data ?? []), ...(checkLinks.data?.warnings ?? [])]), [refused, lint.data, checkLinks.data]);
  const isDirty = saved === null ? created === null : !sameDraft(draft, saved);

  useEffect(() => {
    if (created) onCreated?.(created);
  }, [created, onCreated]);

  function change(next: Draft) {
    setProblem(null);
    setDraft(next);
  }

  /** Gives whether it is saved now. */
  async function save(over: number = version): Promise<boolean> {
    setProblem(null);
    const sent = draft;
    try {
      if (!id) {
        setCreated((await create.mutateAsync(sent)).id);
        return true;
      }
      const result = await replace.mutateAsync({ id, draft: sent, version: over });
      setVersion(result.version);
      setSaved(sent);
      setTheirs(null);
      toast(t("saved", { version: result.version }));
      return true;
    } catch (error) {
      const found = asProblem(error);
      if (found.status === 409 && id) await readTemplate(id).then(setTheirs, tell);
      else setProblem(found);
      return false;
    }
  }

  function take(template: Template) {
    const mine = draft;
    const before = { saved, version };
    setDraft(draftOf(template));
    setSaved(draftOf(template));
    setVersion(template.version);
    setTheirs(null);
    return async () => {
      setDraft(mine);
      setSaved(before.saved);
    };
  }

  function goTo(warning: Warning) {
    const place = placeOf(warning.path);
    if (!place) return;
    setVariant(place.variant);
    fields.current?.goTo(place, warning.line ?? undefined, warning.column ?? undefined);
  }

  const title = draft.name.trim() || t("one");
  const isSaving = create.isPending || replace.isPending;
  return (
    <Page
      title={title}
      crumbs={[{ title: t("title"), to: "/templates" }, { title }]}
      aside={id && <span className="h-label">{t("versions.number", { number: version })}</span>}
      actions={
        id && (
          <>
            <Button icon={<HistoryOutlined />} onClick={() => drawer.open("versions")}>{t("versions.title")}</Button>
            {mayWrite && (
              <>
                <Dropdown
                  trigger={["click"]}
                  placement="bottomRight"
                  menu={{
                    items: [
                      { key: "duplicate", icon: <CopyOutlined />, label: t("duplicate.verb"), disabled: isDirty, onClick: () => void duplicate(id) },
                      { type: "divider" },
                      { key: "delete", icon: <DeleteOutlined />, danger: true, label: t("delete.verb"), disabled: isDirty, onClick: () => void remove(id, title, () => navigate({ to: "/templates" })) },
                    ],
                  }}
                >
                  <Button icon={<MoreOutlined />} aria-label={t("actionsFor", { name: title })} />
                </Dropdown>
                <Button type="primary" icon={<SendOutlined />} onClick={() => drawer.open("test")}>{t("test.verb")}</Button>
              </>
            )}
          </>
        )
      }
    >
      <FormErrors problem={problem && refused.length === 0 ? problem : null} />
      <div className="h-template">
        <div className="h-template-write">
          <EditorFields ref={fields} id={id} draft={draft} variant={variant} warnings={warnings} isReadOnly={!mayWrite} onVariant={setVariant} onChange={change} />
          <LintList warnings={warnings} onGo={goTo} onCheckLinks={mayWrite ? () => checkLinks.mutate(draft, { onError: tell }) : undefined} isChecking={checkLinks.isPending} />
        </div>
        <PreviewPane id={id} draft={resting} variant={variant} member={member} onMember={(next) => void navigate({ search: (before) => ({ ...before, member: next }), replace: true, resetScroll: false })} />
      </div>
      {mayWrite && (
        <SaveBar
          isDirty={isDirty}
          isSaving={isSaving}
          onSave={() => void save()}
          onDiscard={() => {
            const mine = draft;
            change(saved ?? start);
            if (saved) toast(t("discarded"), async () => setDraft(mine));
          }}
        >
          {saved === null ? t("notYetSaved") : undefined}
        </SaveBar>
      )}
      {id && (
        <>
          <TestDrawer id={id} kind={draft.channel_kind} isOpen={drawer.value === "test"} onClose={drawer.close} member={member} save={isDirty ? save : undefined} />
          <VersionsDrawer
            id={id}
            current={version}
            isOpen={drawer.value === "versions"}
            onClose={drawer.close}
            onRestore={async (old) => {
              const undo = take(await restore.mutateAsync({ id, version: old }));
              drawer.close();
              toast(t("versions.restored", { number: old }), undo);
            }}
          />
        </>
      )}
      {theirs && (
        <ConflictDialog
          mine={draft}
          theirs={draftOf(theirs)}
          isSaving={isSaving}
          onKeepMine={() => void save(theirs.version)}
          onTakeTheirs={() => toast(t("conflict.taken"), take(theirs))}
          onClose={() => setTheirs(null)}
        />
      )}
    </Page>
  );
}

function withoutTwins(warnings: Warning[]): Warning[] {
  const seen = new Set<string>();
  return warnings.filter((one) => {
    const key = `${one.code} ${one.path} ${one.line ?? ""} ${one.column ?? ""} ${one.en}`;
    return !seen.has(key) && seen.add(key);
  });
}
