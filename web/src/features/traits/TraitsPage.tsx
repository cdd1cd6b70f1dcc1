import { PlusOutlined, ProfileOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got, useCursorList, type Schemas } from "@/lib/api";
import { useCan } from "@/lib/session";
import { DataTable, Empty, FormErrors, NoPermission, Page, Pill, SideDrawer, useConfirm, useFormProblem, useUndoToast, useUrlDrawer, type Column } from "@/ui";

type Trait = Schemas["TraitDto"];

const KEY = ["traits"];
const TYPES = ["any", "text", "number", "boolean", "date", "list", "object"] as const;
const CONFLICTS = ["latest", "first", "largest", "smallest"] as const;

/** What is settled about traits: their names for people, their types, and which of several values counts. */
export function TraitsPage() {
  const { t } = useTranslation("traits");
  const maySee = useCan("people", "read");
  const mayWrite = useCan("settings", "write");
  const drawer = useUrlDrawer();
  const list = useCursorList<Trait>([...KEY, "list"], (_cursor, signal) => got(api.GET("/api/v1/traits", { signal })));
  const columns: Column<Trait>[] = [
    { key: "name", title: t("name"), isFixed: true, render: (trait) => <code className="h-code">{trait.name}</code>, text: (trait) => trait.name },
    { key: "title", title: t("label"), render: (trait) => trait.title, text: (trait) => trait.title },
    { key: "type", title: t("type"), render: (trait) => t(`types.${trait.value_type}`), text: (trait) => trait.value_type },
    { key: "conflict", title: t("conflict"), render: (trait) => (trait.computed ? <Pill tone="neutral">{t("computed")}</Pill> : t(`conflicts.${trait.conflict}`)), text: (trait) => trait.conflict },
    { key: "state", title: t("state"), render: (trait) => (trait.state === "live" ? <Pill tone="good">{t("states.live")}</Pill> : <Pill tone="waiting">{t("states.building")}</Pill>), text: (trait) => trait.state },
    { key: "actions", title: "", isFixed: true, width: 88, render: (trait) => mayWrite && <DeleteButton trait={trait} /> },
  ];
  if (!maySee) return <Page title={t("title")}><NoPermission /></Page>;
  const opened = list.items.find((trait) => trait.name === drawer.value);
  return (
    <Page title={t("title")} description={t("description")} actions={mayWrite && <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>{t("add")}</Button>}>
      <DataTable
        name="traits"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(trait) => trait.name}
        onOpen={mayWrite ? (trait) => drawer.open(trait.name) : undefined}
        empty={<Empty icon={<ProfileOutlined />} title={t("empty")} example={<span className="h-quiet">{t("example")}</span>}>{t("emptyHelp")}</Empty>}
      />
      <TraitDrawer key={drawer.value ?? "none"} trait={opened} isOpen={drawer.value === "new" || opened !== undefined} onClose={drawer.close} />
    </Page>
  );
}

function TraitDrawer({ trait, isOpen, onClose }: { trait: Trait | undefined; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("traits");
  const [form] = Form.useForm<Trait>();
  const { problem, show, clear } = useFormProblem(form);
  const queries = useQueryClient();
  const toast = useUndoToast();
  const save = useMutation({
    mutationFn: ({ name, ...body }: Schemas["TraitDefinition"] & { name: string }) => got(api.PUT("/api/v1/traits/{name}", { params: { path: { name } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const isComputed = Boolean(trait?.computed);

  function store(values: Trait) {
    clear();
    const name = trait?.name ?? values.name;
    const body = isComputed ? { title: values.title, computed: trait?.computed } : { title: values.title, value_type: values.value_type, conflict: values.conflict };
    save.mutate(
      { name, ...body },
      {
        onSuccess: () => {
          toast(t("saved"));
          onClose();
        },
        onError: show,
      },
    );
  }

  return (
    <SideDrawer title={trait ? trait.name : t("add")} isOpen={isOpen} onClose={onClose} footer={<Button type="primary" block loading={save.isPending} onClick={form.submit}>{trait ? t("ui:save") : t("add")}</Button>}>
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" initialValues={trait ?? { value_type: "any", conflict: "latest" }} onFinish={store}>
        {!trait && <Form.Item name="name" label={t("name")} extra={t("nameHelp")} rules={[{ required: true, message: t("nameMissing") }]}><Input maxLength={200} className="h-code" autoComplete="off" /></Form.Item>}
        <Form.Item name="title" label={t("label")} extra={t("labelHelp")}><Input maxLength={200} /></Form.Item>
        {isComputed ? (
          <pre className="h-code">{JSON.stringify(trait?.computed, null, 2)}</pre>
        ) : (
          <>
            <Form.Item name="value_type" label={t("type")} extra={t("typeHelp")}><Select options={TYPES.map((one) => ({ value: one, label: t(`types.${one}`) }))} /></Form.Item>
            <Form.Item name="conflict" label={t("conflict")} extra={t("conflictHelp")}><Select options={CONFLICTS.map((one) => ({ value: one, label: t(`conflicts.${one}`) }))} /></Form.Item>
          </>
        )}
      </Form>
    </SideDrawer>
  );
}

function DeleteButton({ trait }: { trait: Trait }) {
  const { t } = useTranslation("traits");
  const ask = useConfirm();
  const toast = useUndoToast();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => got(api.DELETE("/api/v1/traits/{name}", { params: { path: { name: trait.name } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <Button
      size="small"
      danger
      onClick={() =>
        ask({
          title: t("delete.title", { name: trait.name }),
          description: trait.computed ? t("delete.computed") : t("delete.description"),
          verb: t("delete.verb"),
          isDestructive: true,
          act: async () => {
            await remove.mutateAsync();
            toast(t("delete.done", { name: trait.name }));
          },
        })
      }
    >
      {t("delete.verb")}
    </Button>
  );
}
