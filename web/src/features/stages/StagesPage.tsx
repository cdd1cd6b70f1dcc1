import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Progress, Switch } from "antd";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RuleBuilder, RuleSentence, unfinishedParts, type RuleJson } from "@/features/rules";
import { api, got, type FieldProblem, type Problem, asProblem, type Schemas } from "@/lib/api";
import { useFormats } from "@/lib/format";
import { useLive } from "@/lib/live";
import { useStageName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { Empty, FormErrors, Loaded, NoPermission, Page, Panel, SaveBar, useUndoToast } from "@/ui";
import { moved, sameLadder, stepOf, type StageDraft } from "./ladder";
import "./stages.css";

const KEY = ["stages"];

/** The ladder from strangers to fans: its rungs, and by which rule one reaches each. */
export function StagesPage() {
  const { t } = useTranslation("stages");
  const maySee = useCan("segments", "read");
  const ladder = useQuery({ queryKey: KEY, enabled: maySee, queryFn: ({ signal }) => got(api.GET("/api/v1/stages", { signal })) });
  useLive(["segments", "pipeline"], { keys: ladder.data?.building ? [KEY] : [] });
  return (
    <Page title={t("title")} description={t("description")}>
      {maySee ? <Loaded query={ladder}>{(data) => <LadderForm key={JSON.stringify(data.stages.map(({ key, name, rule, falls_back }) => [key, name, rule, falls_back]))} ladder={data} />}</Loaded> : <NoPermission />}
    </Page>
  );
}

function LadderForm({ ladder }: { ladder: Schemas["Ladder"] }) {
  const { t } = useTranslation("stages");
  const formats = useFormats();
  const mayWrite = useCan("settings", "write");
  const queries = useQueryClient();
  const toast = useUndoToast();
  const nameOf = useStageName();
  const [strangers, ...rungs] = ladder.stages;
  const before = rungs.map(stepOf);
  const [stages, setStages] = useState<StageDraft[]>(before);
  const [editing, setEditing] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const put = useMutation({
    mutationFn: (wanted: readonly StageDraft[]) => got(api.PUT("/api/v1/stages", { body: { stages: wanted as unknown as Schemas["NewStage"][] } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const members = (key: string) => rungs.find((stage) => stage.key === key)?.members;

  function save() {
    setProblem(null);
    put.mutate(stages, {
      onSuccess: () => toast(t("saved"), () => put.mutateAsync(before)),
      onError: (error) => setProblem(asProblem(error)),
    });
  }

  const { building } = ladder;
  return (
    <>
      {building && (
        <Panel>
          <p>{t("building")}</p>
          <Progress percent={building.total > 0 ? Math.floor((building.done / building.total) * 100) : 0} status="active" aria-label={t("building")} />
        </Panel>
      )}
      <FormErrors problem={problem} />
      <Panel>
        {stages.length === 0 && <Empty title={t("empty")}>{t("emptyHelp")}</Empty>}
        <ol className="h-stages">
          {strangers && (
            <li>
              <div className="h-stages-words">
                <strong>{nameOf(strangers.key, strangers.name)}</strong>
                <p className="h-quiet">{t("strangers")}</p>
              </div>
              <span className="h-quiet">{typeof strangers.members === "number" && t("members", { count: strangers.members, formatted: formats.number(strangers.members) })}</span>
            </li>
          )}
          {stages.map((stage, at) => (
            <li key={stage.key}>
              <div className="h-stages-words">
                <strong>{nameOf(stage.key, stage.name)}</strong> <code className="h-code h-quiet">{stage.key}</code>
                <p><RuleSentence rule={stage.rule} /></p>
                {stage.falls_back && <p className="h-quiet">{t("fallsBack")}</p>}
              </div>
              <span className="h-quiet">{typeof members(stage.key) === "number" && t("members", { count: members(stage.key) ?? 0, formatted: formats.number(members(stage.key) ?? 0) })}</span>
              {mayWrite && (
                <span className="h-stages-tools">
                  <Button type="text" icon={<ArrowUpOutlined />} aria-label={t("up", { name: nameOf(stage.key, stage.name) })} disabled={at === 0} onClick={() => setStages(moved(stages, at, -1))} />
                  <Button type="text" icon={<ArrowDownOutlined />} aria-label={t("down", { name: nameOf(stage.key, stage.name) })} disabled={at === stages.length - 1} onClick={() => setStages(moved(stages, at, 1))} />
                  <Button type="text" icon={<EditOutlined />} aria-label={t("edit", { name: nameOf(stage.key, stage.name) })} onClick={() => setEditing(at)} />
                  <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("remove", { name: nameOf(stage.key, stage.name) })} onClick={() => setStages(stages.filter((_, place) => place !== at))} />
                </span>
              )}
            </li>
          ))}
        </ol>
        {mayWrite && stages.length < 20 && <Button icon={<PlusOutlined />} onClick={() => setEditing(stages.length)}>{t("add")}</Button>}
      </Panel>
      {editing !== null && (
        <StageDialog
          stage={stages[editing]}
          taken={stages.filter((_, at) => at !== editing).map((stage) => stage.key)}
          onClose={() => setEditing(null)}
          onDone={(stage) => {
            setStages([...stages.slice(0, editing), stage, ...stages.slice(editing + 1)]);
            setEditing(null);
          }}
        />
      )}
      <SaveBar isDirty={!sameLadder(stages, before)} isSaving={put.isPending} onSave={save} onDiscard={() => setStages(before)}>
        {t("unsaved")}
      </SaveBar>
    </>
  );
}

interface StageDialogProps {
  stage: StageDraft | undefined;
  taken: readonly string[];
  onClose: () => void;
  onDone: (stage: StageDraft) => void;
}

function StageDialog({ stage, taken, onClose, onDone }: StageDialogProps) {
  const { t } = useTranslation("stages");
  const [form] = Form.useForm<StageDraft>();
  const [rule, setRule] = useState<RuleJson | null>(stage?.rule ?? null);
  const [problems, setProblems] = useState<readonly FieldProblem[]>([]);

  function done({ key, name, falls_back }: StageDraft) {
    const unfinished = rule ? unfinishedParts(rule) : [{ path: "rule", code: "missing", message: t("ruleMissing") }];
    setProblems(unfinished);
    if (rule && unfinished.length === 0) onDone({ key: stage?.key ?? key, name, falls_back, rule });
  }

  return (
    <Modal open width={760} title={stage ? stage.name : t("add")} onCancel={onClose} onOk={form.submit} okText={t("take")} cancelText={t("ui:cancel")} mask={{ closable: false }}>
      <Form form={form} layout="vertical" initialValues={stage ?? { falls_back: false }} onFinish={done}>
        <Form.Item name="name" label={t("name")} rules={[{ required: true, message: t("nameMissing") }]}><Input maxLength={100} /></Form.Item>
        {!stage && (
          <Form.Item
            name="key"
            label={t("word")}
            extra={t("wordHelp")}
            rules={[{ required: true, pattern: /^[a-z0-9_-]{1,40}$/, message: t("wordMissing") }, { validator: (_, value) => (taken.includes(value as string) ? Promise.reject(new Error(t("wordTaken"))) : Promise.resolve()) }]}
          >
            <Input maxLength={40} className="h-code" />
          </Form.Item>
        )}
        <Form.Item name="falls_back" valuePropName="checked" label={t("fallBack")} extra={t("fallBackHelp")} layout="horizontal"><Switch /></Form.Item>
      </Form>
      <h3>{t("rule")}</h3>
      <RuleBuilder value={rule} onChange={setRule} problems={problems} />
    </Modal>
  );
}
