import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loaded, Page } from "@/ui";
import { useTemplate } from "./api";
import { draftOf } from "./draft";
import { Editor } from "./Editor";
import { starterDraft, STARTERS, type Starter } from "./starters";
import "./templates.css";

/** One template, or a new one. */
export function TemplatePage() {
  const { t } = useTranslation("templates");
  // Words of what stands in the page are read before it is shown: a drawer that is hidden again while it opens never ends opening.
  useTranslation(["deliveries", "members"]);
  const { templateId } = useParams({ from: "/shell/templates/$templateId" });
  const { start } = useSearch({ from: "/shell/templates/$templateId" });
  const template = useTemplate(templateId === "new" ? undefined : templateId);
  if (templateId === "new") return <NewTemplate key={start} start={start} />;
  if (!template.data) {
    return (
      <Page title={t("one")} crumbs={[{ title: t("title"), to: "/templates" }, { title: t("one") }]}>
        <Loaded query={template} rows={10}>{() => null}</Loaded>
      </Page>
    );
  }
  return <Editor key={templateId} id={templateId} start={draftOf(template.data)} version={template.data.version} />;
}

function NewTemplate({ start }: { start: string | undefined }) {
  const { t } = useTranslation("templates");
  const navigate = useNavigate();
  const starter = STARTERS.find((one) => one === start) ?? ("blank" satisfies Starter);
  const draft = useMemo(() => starterDraft(starter, (key) => t(`starter.${key}`)), [starter, t]);
  return (
    <Editor
      id={undefined}
      start={draft}
      version={0}
      onCreated={(id) => void navigate({ to: "/templates/$templateId", params: { templateId: id }, search: {}, replace: true })}
    />
  );
}
