import { DeleteOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormErrors, Loaded, Panel, useConfirm, useFormProblem, useTellProblem, useUndoToast } from "@/ui";
import { useDeleteGroup, useSaveGroup, useTagGroups, type Tag, type TagGroup } from "./api";

/** Groups in which tags stand; of an exclusive one a member carries at most one tag. */
export function GroupsPanel({ tags }: { tags: readonly Tag[] }) {
  const { t } = useTranslation("tags");
  const groups = useTagGroups();
  const [form] = Form.useForm<{ name: string; exclusive: boolean }>();
  const { problem, show, clear } = useFormProblem(form);
  const save = useSaveGroup();
  return (
    <Panel title={t("groups.title")}>
      <p className="h-quiet">{t("groups.help")}</p>
      <Loaded query={groups} rows={2}>
        {(items) => (
          <ul className="h-tag-groups">
            {items.map((group) => (
              <GroupLine key={group.id} group={group} count={tags.filter((tag) => tag.group_id === group.id).length} />
            ))}
          </ul>
        )}
      </Loaded>
      <FormErrors problem={problem} />
      <Form
        form={form}
        layout="inline"
        initialValues={{ exclusive: false }}
        onFinish={(values) => {
          clear();
          save.mutate(values, { onSuccess: () => form.resetFields(), onError: show });
        }}
      >
        <Form.Item name="name" rules={[{ required: true, message: t("groups.nameMissing") }]}><Input placeholder={t("groups.name")} aria-label={t("groups.name")} maxLength={100} /></Form.Item>
        <Form.Item name="exclusive" valuePropName="checked"><Checkbox>{t("groups.exclusive")}</Checkbox></Form.Item>
        <Button htmlType="submit" loading={save.isPending}>{t("groups.add")}</Button>
      </Form>
    </Panel>
  );
}

function GroupLine({ group, count }: { group: TagGroup; count: number }) {
  const { t } = useTranslation("tags");
  const save = useSaveGroup();
  const remove = useDeleteGroup();
  const ask = useConfirm();
  const tell = useTellProblem();
  const toast = useUndoToast();
  return (
    <li>
      <strong>{group.name}</strong>
      <span className="h-quiet">{t("groups.count", { count })}</span>
      <Checkbox checked={group.exclusive} disabled={save.isPending} onChange={(event) => save.mutate({ id: group.id, name: group.name, exclusive: event.target.checked }, { onError: tell })}>
        {t("groups.exclusive")}
      </Checkbox>
      <Button
        type="text"
        danger
        icon={<DeleteOutlined />}
        aria-label={t("groups.delete", { name: group.name })}
        onClick={() =>
          ask({
            title: t("groups.delete", { name: group.name }),
            description: t("groups.deleteHelp"),
            consequences: [{ label: t("groups.freed"), value: count }],
            verb: t("delete.verb"),
            isDestructive: true,
            act: async () => {
              await remove.mutateAsync(group.id);
              toast(t("groups.deleted"));
            },
          })
        }
      />
    </li>
  );
}
