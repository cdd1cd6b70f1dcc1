import { PlusOutlined, StopOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { useTopicName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { DataTable, Empty, FilterBar, FormErrors, SideDrawer, Time, useConfirm, useFormProblem, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { useRelease, useSuppress, useSuppressions, type Suppression } from "./api";
import { DeliveriesFrame } from "./DeliveriesFrame";
import { useKindName, useReasonName } from "./names";

/** Addresses that get nothing, whatever anybody sends. */
export function SuppressionsPage() {
  const { t } = useTranslation("deliveries");
  const { search } = useSearch({ from: "/shell/deliveries/suppressions" });
  const navigate = useNavigate({ from: "/deliveries/suppressions" });
  const mayWrite = useCan("outreach", "write");
  const drawer = useUrlDrawer();
  const list = useSuppressions(search);
  const kindName = useKindName();
  const reasonName = useReasonName();
  const topicName = useTopicName();
  const add = mayWrite && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>
      {t("suppress.add")}
    </Button>
  );
  const columns: Column<Suppression>[] = [
    { key: "address", title: t("address"), isFixed: true, render: (row) => <span className="h-code">{row.address}</span>, text: (row) => row.address },
    { key: "kind", title: t("suppress.kind"), render: (row) => kindName(row.channel_kind), text: (row) => row.channel_kind },
    { key: "reason", title: t("reasonTitle"), render: (row) => reasonName(row.reason), text: (row) => reasonName(row.reason) },
    { key: "topic", title: t("topic"), isHidden: true, render: (row) => (row.topic ? topicName(row.topic) : t("suppress.everything")), text: (row) => (row.topic ? topicName(row.topic) : t("suppress.everything")) },
    { key: "since", title: t("suppress.since"), render: (row) => <Time at={row.created_at} />, text: (row) => row.created_at },
    ...(mayWrite ? [{ key: "actions", title: "", isFixed: true, width: 96, render: (row: Suppression) => <Release row={row} /> }] : []),
  ];
  return (
    <DeliveriesFrame description={t("suppress.description")} actions={add}>
      <DataTable
        name="suppressions"
        label={t("tab.suppressions")}
        list={list}
        columns={columns}
        rowKey={(row) => `${row.channel_kind} ${row.address} ${row.topic ?? ""}`}
        filters={<FilterBar value={{ search }} searchLabel={t("suppress.search")} onChange={(next) => void navigate({ search: { search: next.search }, replace: true })} />}
        empty={
          search ? (
            <Empty icon={<StopOutlined />} title={t("suppress.notFound")}>{t("suppress.notFoundHelp")}</Empty>
          ) : (
            <Empty icon={<StopOutlined />} title={t("suppress.empty")} action={add} example={t("suppress.emptyExample")}>
              {t("suppress.emptyHelp")}
            </Empty>
          )
        }
      />
      <AddDrawer isOpen={drawer.value === "new"} onClose={drawer.close} />
    </DeliveriesFrame>
  );
}

function AddDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("deliveries");
  const [form] = Form.useForm<Schemas["SuppressedAddress"]>();
  const { problem, show, clear } = useFormProblem(form);
  const suppress = useSuppress();
  const toast = useUndoToast();
  const kindName = useKindName();

  function save(body: Schemas["SuppressedAddress"]) {
    clear();
    suppress.mutate(body, {
      onSuccess: () => {
        toast(t("suppress.added", { address: body.address }));
        form.resetFields();
        onClose();
      },
      onError: show,
    });
  }

  return (
    <SideDrawer
      title={t("suppress.add")}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button type="primary" block loading={suppress.isPending} onClick={form.submit}>
          {t("suppress.add")}
        </Button>
      }
    >
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" initialValues={{ channel_kind: "email" }} onFinish={save}>
        <Form.Item name="channel_kind" label={t("suppress.kind")}>
          <Select options={[{ value: "email", label: kindName("email") }]} />
        </Form.Item>
        <Form.Item name="address" label={t("address")} extra={t("suppress.addHelp")} rules={[{ required: true, message: t("suppress.missing") }]}>
          <Input autoFocus autoComplete="off" />
        </Form.Item>
      </Form>
    </SideDrawer>
  );
}

function Release({ row }: { row: Suppression }) {
  const { t } = useTranslation("deliveries");
  const ask = useConfirm();
  const toast = useUndoToast();
  const release = useRelease();
  const suppress = useSuppress();
  const address = { channel_kind: row.channel_kind, address: row.address };
  return (
    <Button
      type="link"
      size="small"
      aria-label={`${t("suppress.release")} ${row.address}`}
      onClick={() =>
        ask({
          title: t("suppress.releaseOne", { address: row.address }),
          description: row.reason === "manual" ? t("suppress.releaseHelp") : t("suppress.releaseWarning"),
          verb: t("suppress.release"),
          isDestructive: row.reason !== "manual",
          act: async () => {
            await release.mutateAsync(address);
            toast(t("suppress.released", { address: row.address }), () => suppress.mutateAsync(address));
          },
        })
      }
    >
      {t("suppress.release")}
    </Button>
  );
}
