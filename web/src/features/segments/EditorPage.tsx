import { Alert, Button, Form, Input } from "antd";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type FieldProblem } from "@/lib/api";
import { useCan } from "@/lib/session";
import { RuleBuilder, UNFINISHED, isSameRule, unfinishedParts, type RuleJson } from "@/features/rules";
import { FormErrors, Loaded, NoPermission, Page, Panel, SaveBar, useFormProblem, useUndoToast } from "@/ui";
import { useSaveSegment, useSegment, useSegments, type Segment } from "./api";
import { LivePanel } from "./LivePanel";
import { usePreview } from "./preview";
import { ruleOfStarter, STARTERS, type StarterKey } from "./starters";
import "./segments.css";

/** A segment to be made, empty or from a starter. */
export function NewSegmentPage() {
  const { t } = useTranslation("segments");
  const { starter } = useSearch({ strict: false }) as { starter?: string };
  const isAllowed = useCan("segments", "write");
  const chosen = STARTERS.find((one) => one.key === starter);
  return (
    <Page title={t("editor.new")} description={t("editor.help")} crumbs={[{ title: t("title"), to: "/segments" }, { title: t("editor.new") }]}>
      {isAllowed ? <Editor key={starter} segment={null} starter={chosen?.key} /> : <NoPermission />}
    </Page>
  );
}

/** A segment that there is. */
export function EditSegmentPage() {
  const { t } = useTranslation("segments");
  const { id } = useParams({ strict: false }) as { id: string };
  const segment = useSegment(id);
  const isAllowed = useCan("segments", "write");
  const name = segment.data?.name ?? "";
  return (
    <Page title={name ? t("editor.edit", { name }) : t("title")} description={t("editor.help")} crumbs={[{ title: t("title"), to: "/segments" }, { title: name || id }]}>
      {isAllowed ? <Loaded query={segment}>{(data) => <Editor key={data.id} segment={data} />}</Loaded> : <NoPermission />}
    </Page>
  );
}

interface EditorProps {
  segment: Segment | null;
  starter?: StarterKey;
}

function Editor({ segment, starter }: EditorProps) {
  const { t } = useTranslation("segments");
  const navigate = useNavigate();
  const toast = useUndoToast();
  const [form] = Form.useForm<{ name: string }>();
  const { problem, show, clear } = useFormProblem(form);
  const [saved, setSaved] = useState(() => ({
    name: segment?.name ?? (starter ? t(`starters.${starter}.name`) : ""),
    rule: segment ? (segment.building?.rule ?? segment.rule) : starter ? ruleOfStarter(starter) : null,
  }));
  const [openedAt, setOpenedAt] = useState(segment?.updated_at);
  const [name, setName] = useState(saved.name);
  const [rule, setRule] = useState<RuleJson | null>(saved.rule);
  const [refused, setRefused] = useState<{ rule: string; problems: readonly FieldProblem[] } | null>(null);
  const [wantsAll, setWantsAll] = useState(false);
  const save = useSaveSegment(segment?.id ?? null);
  const live = usePreview(rule);

  const isDirty = name !== saved.name || !isSameRule(rule, saved.rule) || (segment === null && starter !== undefined);
  const others = useSegments().items;
  const isTaken = others.some((other) => other.id !== segment?.id && other.name.trim() === name.trim() && name.trim() !== "");
  const problems = useMemo(() => problemsOf(rule, live.error, refused, wantsAll), [rule, live.error, refused, wantsAll]);

  async function store() {
    clear();
    setWantsAll(true);
    const isNamed = await form.validateFields().then(() => true, () => false);
    if (!isNamed || rule === null || unfinishedParts(rule).length > 0) return;
    try {
      const made = await save.mutateAsync({ name: name.trim(), rule });
      setSaved({ name, rule });
      setOpenedAt(made.updated_at);
      setRefused(null);
      toast(segment ? t("editor.saved", { name: made.name }) : t("editor.created", { name: made.name }));
      await navigate({ to: "/segments/$id", params: { id: made.id }, ignoreBlocker: true });
    } catch (error) {
      const found = asProblem(error);
      const ofRule = found.fields.filter((field) => field.path.startsWith("rule"));
      if (ofRule.length > 0) setRefused({ rule: JSON.stringify(rule), problems: ofRule });
      if (ofRule.length < found.fields.length || found.fields.length === 0) show(error);
    }
  }

  /** Somebody else saved this segment while it stood open here. */
  const isOvertaken = segment !== null && segment.updated_at !== openedAt && !save.isPending;

  function takeTheirs() {
    if (!segment) return;
    const theirs = { name: segment.name, rule: segment.building?.rule ?? segment.rule };
    setSaved(theirs);
    setName(theirs.name);
    form.setFieldValue("name", theirs.name);
    setRule(theirs.rule);
    setOpenedAt(segment.updated_at);
  }

  function discard() {
    setName(saved.name);
    form.setFieldValue("name", saved.name);
    setRule(saved.rule);
    setRefused(null);
    clear();
  }

  return (
    <>
      <FormErrors problem={problem} />
      {isOvertaken && (
        <Alert
          className="h-segment-note"
          type="warning"
          showIcon
          role="alert"
          title={t("editor.overtaken")}
          action={<Button size="small" onClick={takeTheirs}>{t("editor.takeTheirs")}</Button>}
        />
      )}
      <div className="h-segment-editor">
        <div className="h-segment-editor-main">
          <Panel>
            <Form form={form} layout="vertical" requiredMark={false} initialValues={{ name }} onValuesChange={(values: { name?: string }) => setName(values.name ?? "")}>
              <Form.Item
                name="name"
                label={t("name")}
                extra={isTaken ? <span className="h-segment-taken">{t("editor.taken")}</span> : undefined}
                rules={[
                  { required: true, whitespace: true, message: t("editor.nameMissing") },
                  { max: 200, message: t("editor.nameLong") },
                ]}
              >
                <Input placeholder={t("editor.namePlaceholder")} maxLength={250} autoComplete="off" />
              </Form.Item>
            </Form>
          </Panel>
          <Panel title={t("editor.rule")}>
            {segment?.snapshot_of ? <p className="h-quiet">{t("editor.snapshot")}</p> : null}
            {problems.some((problem) => problem.code === UNFINISHED) && <p className="h-segment-problem" role="alert">{t("editor.fillIn")}</p>}
            {wantsAll && rule === null && <p className="h-segment-problem" role="alert">{t("editor.noRule")}</p>}
            <RuleBuilder value={rule} onChange={setRule} problems={problems} isDisabled={Boolean(segment?.snapshot_of)} ownSegment={segment?.id} />
          </Panel>
        </div>
        <LivePanel rule={rule} live={live} />
      </div>
      <SaveBar isDirty={isDirty} isSaving={save.isPending} onSave={() => void store()} onDiscard={discard} />
    </>
  );
}

/** What the server has against the rule as it stands now, or what is still to be filled in. */
function problemsOf(
  rule: RuleJson | null,
  live: Error | null,
  refused: { rule: string; problems: readonly FieldProblem[] } | null,
  wantsAll: boolean,
): readonly FieldProblem[] {
  if (refused && refused.rule === JSON.stringify(rule)) return refused.problems;
  if (rule === null) return [];
  const unfinished = unfinishedParts(rule);
  if (unfinished.length > 0) return wantsAll ? unfinished : [];
  return live ? asProblem(live).fields : [];
}
