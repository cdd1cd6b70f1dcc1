import { NodeIndexOutlined } from "@ant-design/icons";
import { Button, Tabs } from "antd";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Empty, ErrorState, Loading, NoPermission, Page, useUrlDrawer } from "@/ui";
import { useOne, useSuggestions, type Suggestion } from "./api";
import { MergeDrawer } from "./MergeDrawer";
import { MergesTable } from "./MergesTable";
import { SuggestionCard } from "./SuggestionCard";
import "./merges.css";

// @messages merges

/** Who may be one person, to be decided, and who became one, to be undone. */
export function MergesPage() {
  const { t } = useTranslation(["merges", "members"]);
  const mayRead = useCan("people", "read");
  const navigate = useNavigate();
  const { tab, member } = useSearch({ strict: false }) as { tab?: string; member?: string };
  return (
    <Page title={t("title")} description={t("description")} crumbs={[{ title: t("members:title"), to: "/members" }, { title: t("title") }]}>
      {mayRead ? (
        <Tabs
          activeKey={tab === "done" ? "done" : "suggestions"}
          onChange={(next) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, tab: next === "done" ? next : undefined }), replace: true })}
          destroyOnHidden
          items={[
            { key: "suggestions", label: t("tabs.suggestions"), children: <Suggestions member={member} /> },
            { key: "done", label: t("tabs.done"), children: <MergesTable member={member} /> },
          ]}
        />
      ) : (
        <NoPermission />
      )}
    </Page>
  );
}

function Suggestions({ member }: { member?: string }) {
  const { t } = useTranslation(["merges"]);
  const list = useSuggestions(member);
  const drawer = useUrlDrawer();
  const opened = list.items.find((one) => one.id === drawer.value);
  const shown = member ? list.items.filter((one) => one.one === member || one.other === member) : list.items;
  if (list.isLoading) return <Loading rows={8} />;
  if (list.error) return <ErrorState error={list.error} retry={list.retry} />;
  if (shown.length === 0 && !list.hasMore) {
    return (
      <Empty
        icon={<NodeIndexOutlined />}
        title={t("empty.suggestions")}
        action={
          member && (
            <Link to="/members/merges">
              <Button>{t("empty.all")}</Button>
            </Link>
          )
        }
        example={t("empty.example")}
      >
        {t("empty.suggestionsHelp")}
      </Empty>
    );
  }
  return (
    <>
      <ul className="h-suggestions">
        {shown.map((suggestion) => (
          <SuggestionCard key={suggestion.id} suggestion={suggestion} onAccept={() => drawer.open(suggestion.id)} />
        ))}
      </ul>
      {list.hasMore && (
        <Button loading={list.isLoadingMore} onClick={list.more}>
          {t("ui:table.more")}
        </Button>
      )}
      {opened && <Accepting suggestion={opened} onClose={drawer.close} />}
    </>
  );
}

function Accepting({ suggestion, onClose }: { suggestion: Suggestion; onClose: () => void }) {
  const one = useOne(suggestion.one);
  if (!one.data) return null;
  return <MergeDrawer member={one.data} other={suggestion.other} suggestion={suggestion.id} isOpen onClose={onClose} />;
}
