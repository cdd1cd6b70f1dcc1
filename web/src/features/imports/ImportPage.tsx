import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Empty, Loaded, Page, Pill, useConfirm, useUndoToast } from "@/ui";
import { useDeleteImport, useImport, type Import } from "./api";
import { ColumnsStep } from "./ColumnsStep";
import { TONES } from "./ImportsPage";
import { PreviewStep } from "./PreviewStep";
import { RunStep } from "./RunStep";
import { shownStep } from "./steps";
import { WizardSteps } from "./WizardSteps";
import "./imports.css";

/** One file on its way in. Everything hangs on its id, so a reload leads back to the same step. */
export function ImportPage() {
  const { t, i18n } = useTranslation("imports");
  const { importId } = useParams({ from: "/shell/imports/$importId" });
  const { step } = useSearch({ from: "/shell/imports/$importId" });
  const one = useImport(importId);
  const name = one.data?.name ?? t("file");
  const state = one.data?.state;
  return (
    <Page
      title={name}
      crumbs={[{ title: t("title"), to: "/imports" }, { title: name }]}
      aside={state && <Pill tone={TONES[state] ?? "neutral"}>{i18n.exists(`imports:state.${state}`) ? t(`state.${state}`) : state}</Pill>}
      actions={one.data && <DeleteButton one={one.data} />}
    >
      <Loaded query={one} rows={8}>
        {(shown) => <Wizard key={shown.id} one={shown} wanted={step} />}
      </Loaded>
    </Page>
  );
}

function Wizard({ one, wanted }: { one: Import; wanted: string | undefined }) {
  const { t } = useTranslation("imports");
  const navigate = useNavigate({ from: "/imports/$importId" });
  const step = shownStep(one, wanted);
  const go = (next: "columns" | undefined) => void navigate({ search: { step: next } });
  if (one.state === "expired") {
    return (
      <Empty title={t("expired.title")} action={<Button type="primary" onClick={() => void navigate({ to: "/imports/new" })}>{t("new")}</Button>}>
        {t("expired.help")}
      </Empty>
    );
  }
  return (
    <>
      <WizardSteps step={step} />
      {step === "columns" && <ColumnsStep one={one} onTried={() => go(undefined)} />}
      {step === "preview" && <PreviewStep one={one} onBack={() => go("columns")} onStarted={() => go(undefined)} />}
      {step === "run" && <RunStep one={one} />}
    </>
  );
}

/** The file goes; what was imported stays. */
function DeleteButton({ one }: { one: Import }) {
  const { t } = useTranslation("imports");
  const mayWrite = useCan("ingest", "write");
  const navigate = useNavigate();
  const ask = useConfirm();
  const toast = useUndoToast();
  const remove = useDeleteImport();
  if (!mayWrite || one.state === "running" || one.state === "queued") return null;
  return (
    <Button
      onClick={() =>
        ask({
          title: t("delete.title", { name: one.name }),
          description: t("delete.description"),
          consequences: one.result ? [{ label: t("delete.stay"), value: one.result.imported }] : [],
          verb: t("delete.verb"),
          isDestructive: true,
          act: async () => {
            await remove.mutateAsync(one.id);
            toast(t("delete.done"));
            await navigate({ to: "/imports" });
          },
        })
      }
    >
      {t("delete.verb")}
    </Button>
  );
}
