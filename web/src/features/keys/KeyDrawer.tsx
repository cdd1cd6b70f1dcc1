import { Alert, Button, Checkbox, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Area, Verb } from "@/lib/session";
import { CopyField, FormErrors, SideDrawer, useFormProblem } from "@/ui";
import { useCreateKey, useServerAddress, type Key, type KeyKind, type NewKey } from "./api";
import { FirstEvent } from "./FirstEvent";
import { KeySnippets } from "./KeySnippets";
import "./keys.css";

interface Wanted {
  kind: KeyKind;
  name: string;
  trusted: boolean;
  all: boolean;
  scopes: string[];
}

const AREAS: readonly Area[] = ["people", "segments", "outreach", "ingest", "settings"];
const VERBS: readonly Verb[] = ["read", "write"];

/** Makes a key, and shows its secret once with a snippet for each SDK. */
export function KeyDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("keys");
  const [form] = Form.useForm<Wanted>();
  const { problem, show, clear } = useFormProblem(form);
  const [made, setMade] = useState<NewKey | null>(null);
  const create = useCreateKey();
  const server = useServerAddress();
  const kind = Form.useWatch("kind", form) ?? "write";
  const all = Form.useWatch("all", form) ?? true;

  function save(wanted: Wanted) {
    clear();
    const body =
      wanted.kind === "write"
        ? { kind: wanted.kind, name: wanted.name, trusted: wanted.trusted }
        : { kind: wanted.kind, name: wanted.name, scopes: wanted.all ? null : wanted.scopes };
    create.mutate(body, { onSuccess: setMade, onError: show });
  }

  if (made) {
    return (
      <SideDrawer title={t("made", { name: made.name })} isOpen={isOpen} onClose={onClose} width={720} footer={<Button block onClick={onClose}>{t("kept")}</Button>}>
        <div className="h-made-key">
          <Alert type="warning" showIcon title={t("once")} />
          <CopyField text={made.secret} label={t("secret")} />
          <h3>{t("snippet")}</h3>
          <KeySnippets kind={made.kind} secret={made.secret} server={server} />
          {made.kind === "write" && <FirstEvent id={made.id} />}
        </div>
      </SideDrawer>
    );
  }
  return (
    <SideDrawer
      title={t("create")}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button type="primary" block loading={create.isPending} onClick={form.submit}>
          {t("create")}
        </Button>
      }
    >
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" initialValues={{ kind: "write", trusted: false, all: true, scopes: ["people:read"] }} onFinish={save}>
        <Form.Item name="kind" label={t("kind")}>
          <Radio.Group
            vertical
            options={(["write", "api"] as const).map((one) => ({
              value: one,
              label: (
                <span>
                  <strong>{t(`kinds.${one}`)}</strong>
                  <br />
                  <span className="h-quiet">{t(`kindsHelp.${one}`)}</span>
                </span>
              ),
            }))}
          />
        </Form.Item>
        <Form.Item name="name" label={t("name")} extra={t("nameHelp")} rules={[{ required: true, message: t("nameMissing") }]}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
        {kind === "write" && (
          <Form.Item name="trusted" valuePropName="checked" extra={t("trustedHelp")}>
            <Checkbox>{t("trustedLabel")}</Checkbox>
          </Form.Item>
        )}
        {kind === "api" && (
          <>
            <Form.Item name="all" valuePropName="checked">
              <Checkbox>{t("everythingLabel")}</Checkbox>
            </Form.Item>
            {!all && (
              <Form.Item name="scopes" label={t("rights")} rules={[{ required: true, message: t("scopesMissing") }]}>
                <Checkbox.Group
                  className="h-scopes"
                  options={AREAS.flatMap((area) => VERBS.map((verb) => ({ value: `${area}:${verb}`, label: `${t(`areas.${area}`)} · ${t(`verbs.${verb}`)}` })))}
                />
              </Form.Item>
            )}
          </>
        )}
      </Form>
    </SideDrawer>
  );
}

/** How a key that is there already is used; its secret is not known any more. */
export function UseOfKeyDrawer({ apiKey, isOpen, onClose }: { apiKey: Key | undefined; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("keys");
  const server = useServerAddress();
  if (!apiKey) return null;
  return (
    <SideDrawer title={apiKey.name} isOpen={isOpen} onClose={onClose} width={720}>
      <div className="h-made-key">
        <p className="h-quiet">{t("useHelp", { hint: apiKey.hint })}</p>
        <KeySnippets kind={apiKey.kind} secret={apiKey.hint} server={server} />
        {apiKey.kind === "write" && !apiKey.revoked_at && <FirstEvent id={apiKey.id} />}
      </div>
    </SideDrawer>
  );
}
