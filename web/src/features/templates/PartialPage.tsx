import { Alert, Button, Input, Segmented } from "antd";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Named } from "@/features/deliveries";
import { asProblem, type Problem } from "@/lib/api";
import { useCan } from "@/lib/session";
import { FormErrors, Loaded, Loading, Page, Panel, SaveBar, useConfirm, useUndoToast } from "@/ui";
import { useCreatePartial, usePartial, useRemovePartial, useReplacePartial, type Partial_ } from "./api";
import type { CodeHandle } from "./CodeEditor";
import { marksIn, type Warning } from "./lint";
import { LintList } from "./LintList";
import { useServerWords } from "@/lib/i18n/server-words";
import { VariablePicker } from "./VariablePicker";
import "./templates.css";

const CodeEditor = lazy(() => import("./CodeEditor").then((module) => ({ default: module.CodeEditor })));
const FORMS = ["mjml", "html", "text"] as const;
type Form = (typeof FORMS)[number];
type Bodies = Record<Form, string>;
/** What most people begin with. */
const USUAL_NAME = "footer";
const NAME = /^[A-Za-z0-9_-]{1,60}$/;

/** One piece of text, or a new one. */
export function PartialPage() {
  const { t } = useTranslation("templates");
  const { name } = useParams({ from: "/shell/templates/partials/$name" });
  const isNew = name === "new";
  const partial = usePartial(name, isNew);
  if (isNew) return <PartialEditor key="new" partial={null} />;
  if (partial.data) return <PartialEditor key={name} partial={partial.data} />;
  return (
    <Page title={name} crumbs={[{ title: t("tab.partials"), to: "/templates/partials" }, { title: name }]}>
      <Loaded query={partial} rows={8}>{() => null}</Loaded>
    </Page>
  );
}

const bodiesOf = (partial: Partial_ | null): Bodies => ({ mjml: partial?.mjml ?? "", html: partial?.html ?? "", text: partial?.text ?? "" });

function PartialEditor({ partial }: { partial: Partial_ | null }) {
  const { t } = useTranslation("templates");
  const navigate = useNavigate();
  const say = useServerWords();
  const mayWrite = useCan("outreach", "write");
  const [name, setName] = useState(partial?.name ?? "");
  const [bodies, setBodies] = useState(() => bodiesOf(partial));
  const [saved, setSaved] = useState(() => bodiesOf(partial));
  const [version, setVersion] = useState(partial?.version ?? 0);
  const [form, setForm] = useState<Form>(() => FORMS.find((one) => partial?.[one]) ?? "mjml");
  const [warnings, setWarnings] = useState<Warning[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [created, setCreated] = useState<string | null>(null);
  const code = useRef<CodeHandle>(null);
  const create = useCreatePartial();
  const replace = useReplacePartial();
  const remove = useRemovePartial();
  const ask = useConfirm();
  const toast = useUndoToast();
  const isDirty = created === null && (FORMS.some((one) => bodies[one] !== saved[one]) || (!partial && name !== ""));

  useEffect(() => {
    if (created) void navigate({ to: "/templates/partials/$name", params: { name: created }, replace: true });
  }, [created, navigate]);

  async function save() {
    setProblem(null);
    const sent = bodies;
    try {
      if (!partial) {
        const made = await create.mutateAsync({ name: name.trim(), ...sent });
        toast(t("partial.saved", { name: made.name }));
        return setCreated(made.name);
      }
      const result = await replace.mutateAsync({ name: partial.name, ...sent, version });
      setVersion(result.version);
      setSaved(sent);
      setWarnings(result.warnings ?? []);
      toast(t("partial.saved", { name: partial.name }));
    } catch (error) {
      setProblem(asProblem(error));
    }
  }

  const title = partial?.name ?? t("partial.new");
  const users = partial?.used_by ?? [];
  const marks = marksIn(bodies[form], form, warnings).map((mark) => ({ ...mark, message: say(mark.warning) }));
  return (
    <Page
      title={title}
      crumbs={[{ title: t("tab.partials"), to: "/templates/partials" }, { title }]}
      aside={partial && <span className="h-label">{t("versions.number", { number: version })}</span>}
      actions={
        partial &&
        mayWrite && (
          <Button
            danger
            disabled={isDirty}
            onClick={() =>
              ask({
                title: t("delete.title", { name: partial.name }),
                description: users.length > 0 ? t("partial.deleteUsed") : t("partial.deleteUnused"),
                consequences: [{ label: t("partial.used"), value: users.length }],
                verb: t("delete.verb"),
                isDestructive: true,
                act: async () => {
                  await remove.mutateAsync(partial.name);
                  toast(t("delete.done", { name: partial.name }), () => create.mutateAsync({ name: partial.name, ...saved }));
                  await navigate({ to: "/templates/partials" });
                },
              })
            }
          >
            {t("delete.verb")}
          </Button>
        )
      }
    >
      <FormErrors problem={problem} />
      {problem?.status === 409 && partial && <Alert type="warning" showIcon title={t("partial.overtaken")} action={<Button size="small" onClick={() => { setProblem(null); setVersion((now) => now + 1); }}>{t("conflict.mine")}</Button>} />}
      <Panel>
        <div className="h-partial">
          {!partial && (
            <label className="h-field">
              <span>{t("partial.name")}</span>
              <Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} status={name && !NAME.test(name) ? "error" : undefined} placeholder={USUAL_NAME} />
              <span className="h-quiet">{t("partial.nameHelp")}</span>
            </label>
          )}
          <div className="h-body-tools">
            <Segmented aria-label={t("body")} value={form} onChange={(next: Form) => setForm(next)} options={FORMS.map((value) => ({ value, label: t(`part.${value}`) }))} />
            {mayWrite && <VariablePicker template={undefined} form={form} rules={[]} onInsert={(piece) => code.current?.insert(piece)} />}
          </div>
          <p className="h-quiet">{t(`partial.form.${form}`)}</p>
          <Suspense fallback={<Loading rows={8} />}>
            <CodeEditor key={form} ref={code} mode={form} value={bodies[form]} onChange={(value) => setBodies({ ...bodies, [form]: value })} label={t(`part.${form}`)} marks={marks} isReadOnly={!mayWrite} />
          </Suspense>
          {warnings.length > 0 && <LintList warnings={warnings} onGo={(warning) => code.current?.goTo(warning.line ?? 1, warning.column ?? 1)} />}
        </div>
      </Panel>
      {users.length > 0 && (
        <Panel title={t("partial.usedBy", { count: users.length })}>
          <ul className="h-partial-users">
            {users.map((user) => (
              <li key={user}>{user.startsWith("tpl_") ? <Named id={user} /> : user}</li>
            ))}
          </ul>
          <p className="h-quiet">{t("partial.atOnce")}</p>
        </Panel>
      )}
      {mayWrite && <SaveBar isDirty={isDirty} isSaving={create.isPending || replace.isPending} onSave={() => void save()} onDiscard={() => { setBodies(saved); setProblem(null); if (!partial) setName(""); }} />}
    </Page>
  );
}
