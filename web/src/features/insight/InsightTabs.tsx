import { useTranslation } from "react-i18next";
import { LinkTabs, type LinkTab } from "@/ui";
import { KINDS } from "./api/types";

/** The pages of Insight, beside each other: one for each kind of question, and those that gather them. */
export function InsightTabs() {
  const { t } = useTranslation("insight");
  const questions = KINDS.map((one) => ({ to: `/insight/${one}` as LinkTab["to"], label: t(`kinds.${one}.title`) }));
  const others = (["boards", "goals", "sql"] as const).map((one) => ({ to: `/insight/${one}` as LinkTab["to"], label: t(`pages.${one}`) }));
  return <LinkTabs label={t("pageTitle")} tabs={[...questions, ...others]} />;
}
