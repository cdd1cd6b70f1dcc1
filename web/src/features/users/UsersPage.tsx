import { MoreOutlined, PlusOutlined, TeamOutlined } from "@ant-design/icons";
import { App, Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { useCan, useMe } from "@/lib/session";
import { DataTable, Empty, NoPermission, Page, Pill, Time, useConfirm, useTellProblem, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { keysOf, useChangeUser, useRemoveUser, useUsers, type User } from "./api";
import { UserDrawer } from "./UserDrawer";

export function UsersPage() {
  const { t } = useTranslation("users");
  const isAllowed = useCan("settings", "read");
  const drawer = useUrlDrawer();
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        isAllowed && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>
            {t("add")}
          </Button>
        )
      }
    >
      {isAllowed ? <UsersTable onOpen={(user) => drawer.open(user.id)} openId={drawer.value} onClose={drawer.close} /> : <NoPermission />}
    </Page>
  );
}

function UsersTable({ onOpen, openId, onClose }: { onOpen: (user: User) => void; openId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("users");
  const list = useUsers();
  const me = useMe();
  const columns: Column<User>[] = [
    { key: "name", title: t("name"), isFixed: true, render: (user) => <strong>{user.name}</strong>, text: (user) => user.name },
    { key: "email", title: t("email"), render: (user) => user.email, text: (user) => user.email },
    { key: "role", title: t("role"), render: (user) => t(`roles.${user.role}`), text: (user) => t(`roles.${user.role}`) },
    {
      key: "state",
      title: t("state"),
      render: (user) => (user.disabled_at ? <Pill tone="neutral">{t("disabled")}</Pill> : <Pill tone="good">{t("active")}</Pill>),
      text: (user) => (user.disabled_at ? t("disabled") : t("active")),
    },
    { key: "created", title: t("created"), render: (user) => <Time at={user.created_at} />, text: (user) => user.created_at },
    { key: "actions", title: "", isFixed: true, width: 56, render: (user) => <UserActions user={user} isMe={user.id === me?.user?.id} onEdit={() => onOpen(user)} /> },
  ];
  const opened = list.items.find((user) => user.id === openId);
  return (
    <>
      <DataTable
        name="users"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(user) => user.id}
        onOpen={onOpen}
        empty={<Empty icon={<TeamOutlined />} title={t("empty")} />}
      />
      <UserDrawer key={openId ?? "none"} user={opened} isOpen={openId === "new" || opened !== undefined} onClose={onClose} />
    </>
  );
}

function UserActions({ user, isMe, onEdit }: { user: User; isMe: boolean; onEdit: () => void }) {
  const { t } = useTranslation("users");
  const ask = useConfirm();
  const toast = useUndoToast();
  const change = useChangeUser();
  const remove = useRemoveUser();
  const { modal } = App.useApp();
  const tell = useTellProblem();

  function tellKeys(keys: { revoked: number; working: number } | null | undefined, done: string) {
    if (!keys || keys.revoked + keys.working === 0) return toast(done);
    modal.info({ title: done, centered: true, content: t("keysLeft", { revoked: keys.revoked, working: keys.working }) });
  }

  const consequences = ({ api, write }: { api: number; write: number }) => [
    { label: t("keysRevoked"), value: api },
    { label: t("keysWorking"), value: write },
  ];

  const disable = async () =>
    ask({
      title: t("disable.title", { name: user.name }),
      description: t("disable.description"),
      consequences: consequences(await keysOf(user.id)),
      verb: t("disable.verb"),
      isDestructive: true,
      act: async () => {
        const changed = await change.mutateAsync({ id: user.id, disabled: true });
        tellKeys(changed.keys, t("disable.done", { name: user.name }));
      },
    });
  const enable = () =>
    void change
      .mutateAsync({ id: user.id, disabled: false })
      .then(() => toast(t("enable.done", { name: user.name }), () => change.mutateAsync({ id: user.id, disabled: true })))
      .catch(tell);
  const removeHim = async () =>
    ask({
      title: t("remove.title", { name: user.name }),
      description: t("remove.description"),
      consequences: consequences(await keysOf(user.id)),
      verb: t("remove.verb"),
      isDestructive: true,
      act: async () => tellKeys((await remove.mutateAsync(user.id)).keys, t("remove.done", { name: user.name })),
    });

  return (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      menu={{
        items: [
          { key: "edit", label: t("edit"), onClick: onEdit },
          user.disabled_at
            ? { key: "enable", label: t("enable.verb"), onClick: enable }
            : { key: "disable", label: t("disable.verb"), disabled: isMe, onClick: () => void disable().catch(tell) },
          { type: "divider" },
          { key: "remove", label: t("remove.verb"), danger: true, disabled: isMe, onClick: () => void removeHim().catch(tell) },
        ],
      }}
    >
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("actionsFor", { name: user.name })} />
    </Dropdown>
  );
}
