import { KeyOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { DataTable, Empty, NoPermission, Page, Pill, Time, useConfirm, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { useKeys, useRevokeKey, useServerAddress, type Key } from "./api";
import { KeyDrawer, UseOfKeyDrawer } from "./KeyDrawer";
import { KeySnippets } from "./KeySnippets";

export function KeysPage() {
  const { t } = useTranslation("keys");
  const isAllowed = useCan("settings", "read");
  const drawer = useUrlDrawer();
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        isAllowed && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>
            {t("create")}
          </Button>
        )
      }
    >
      {isAllowed ? <KeysTable open={drawer.value} onOpen={drawer.open} onClose={drawer.close} /> : <NoPermission />}
      <KeyDrawer key={drawer.value ?? "none"} isOpen={drawer.value === "new"} onClose={drawer.close} />
    </Page>
  );
}

function KeysTable({ open, onOpen, onClose }: { open: string | undefined; onOpen: (id: string) => void; onClose: () => void }) {
  const { t } = useTranslation("keys");
  const all = useKeys();
  const server = useServerAddress();
  const [showsRevoked, setShowsRevoked] = useState(false);
  const list = useMemo(() => ({ ...all, items: all.items.filter((key) => showsRevoked || !key.revoked_at) }), [all, showsRevoked]);
  const revoked = all.items.length - all.items.filter((key) => !key.revoked_at).length;
  const columns: Column<Key>[] = [
    { key: "name", title: t("name"), isFixed: true, render: (key) => <strong>{key.name}</strong>, text: (key) => key.name },
    { key: "kind", title: t("kind"), render: (key) => t(`kinds.${key.kind}`), text: (key) => t(`kinds.${key.kind}`) },
    { key: "hint", title: t("secret"), render: (key) => <code className="h-code">{key.hint}</code>, text: (key) => key.hint },
    { key: "rights", title: t("rights"), render: (key) => <Rights apiKey={key} />, text: (key) => key.scopes.join(" ") },
    { key: "state", title: t("state"), render: (key) => <State apiKey={key} />, text: (key) => (key.revoked_at ? t("revoked") : t("works")) },
    { key: "used", title: t("lastUsed"), render: (key) => (key.last_used_at ? <Time at={key.last_used_at} /> : <span className="h-quiet">{t("never")}</span>), text: (key) => key.last_used_at },
    { key: "created", title: t("created"), isHidden: true, render: (key) => <Time at={key.created_at} />, text: (key) => key.created_at },
    { key: "actions", title: "", isFixed: true, width: 88, render: (key) => !key.revoked_at && <RevokeButton apiKey={key} /> },
  ];
  const toggle = revoked > 0 && (
    <Button type="link" onClick={() => setShowsRevoked(!showsRevoked)}>
      {showsRevoked ? t("hideRevoked") : t("showRevoked", { count: revoked })}
    </Button>
  );
  const opened = all.items.find((key) => key.id === open);
  return (
    <>
      <DataTable
        name="keys"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(key) => key.id}
        onOpen={(key) => onOpen(key.id)}
        filters={toggle}
        empty={
          <Empty
            icon={<KeyOutlined />}
            title={t("empty.title")}
            action={
              <Button type="primary" onClick={() => onOpen("new")}>
                {t("create")}
              </Button>
            }
            example={<div className="h-left"><KeySnippets kind="write" secret="wk_…" server={server} /></div>}
          >
            {t("empty.help")}
          </Empty>
        }
      />
      <UseOfKeyDrawer apiKey={opened} isOpen={opened !== undefined} onClose={onClose} />
    </>
  );
}

function Rights({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation("keys");
  if (apiKey.kind === "write") return apiKey.trusted ? t("trusted") : t("untrusted");
  if (apiKey.scopes.includes("*")) return t("everything");
  return <code className="h-code">{apiKey.scopes.join(" ")}</code>;
}

function State({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation("keys");
  if (apiKey.revoked_at) return <Pill tone="neutral">{t("revoked")}</Pill>;
  if (apiKey.created_by_state === "disabled" || apiKey.created_by_state === "removed") {
    return <Pill tone="attention">{t("makerGone")}</Pill>;
  }
  return <Pill tone="good">{t("works")}</Pill>;
}

function RevokeButton({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation("keys");
  const ask = useConfirm();
  const toast = useUndoToast();
  const revoke = useRevokeKey();
  const formats = useFormats();
  const used = apiKey.last_used_at ? formats.relative(apiKey.last_used_at) : t("never");
  return (
    <Button
      size="small"
      danger
      onClick={() =>
        ask({
          title: t("revoke.title", { name: apiKey.name }),
          description: t(`revoke.${apiKey.kind}`),
          consequences: [{ label: t("lastUsed"), value: used }],
          verb: t("revoke.verb"),
          isDestructive: true,
          act: async () => {
            await revoke.mutateAsync(apiKey.id);
            toast(t("revoke.done", { name: apiKey.name }));
          },
        })
      }
    >
      {t("revoke.verb")}
    </Button>
  );
}
