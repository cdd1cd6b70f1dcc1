import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useConfirm, useTellProblem, useUndoToast } from "@/ui";
import { readTemplate, useCreate, useRemove } from "./api";
import { draftOf } from "./draft";
import { usageOf } from "./usage";

/** Makes a copy and opens it. */
export function useDuplicate(): (id: string) => Promise<void> {
  const { t } = useTranslation("templates");
  const navigate = useNavigate();
  const create = useCreate();
  const tell = useTellProblem();
  const toast = useUndoToast();
  return async (id) => {
    try {
      const draft = draftOf(await readTemplate(id));
      const copy = await create.mutateAsync({ ...draft, name: t("duplicate.name", { name: draft.name }).slice(0, 200) });
      toast(t("duplicate.done", { name: copy.name }));
      await navigate({ to: "/templates/$templateId", params: { templateId: copy.id } });
    } catch (error) {
      tell(error);
    }
  };
}

/** Asks in numbers who would miss it, then deletes it; undo makes it anew, under another id. */
export function useDeleteTemplate(): (id: string, name: string, then?: () => unknown) => Promise<void> {
  const { t } = useTranslation("templates");
  const ask = useConfirm();
  const create = useCreate();
  const remove = useRemove();
  const tell = useTellProblem();
  const toast = useUndoToast();
  return async (id, name, then) => {
    try {
      const usage = await usageOf(id);
      const isUsed = usage.journeys.length > 0 || usage.queued > 0;
      ask({
        title: t("delete.title", { name }),
        description: isUsed ? (
          <>
            {t("delete.used")}
            {usage.journeys.length > 0 && (
              <ul>
                {usage.journeys.slice(0, 8).map((journey) => (
                  <li key={journey.id}>{journey.name}</li>
                ))}
              </ul>
            )}
          </>
        ) : (
          t("delete.unused")
        ),
        consequences: [
          { label: t("delete.journeys"), value: usage.journeys.length },
          { label: t("delete.queued"), value: usage.queued },
        ],
        verb: t("delete.verb"),
        isDestructive: true,
        act: async () => {
          const gone = draftOf(await readTemplate(id));
          await remove.mutateAsync(id);
          // What journeys name is the old id, so that only what nobody used can be brought back whole.
          toast(t("delete.done", { name }), isUsed ? undefined : () => create.mutateAsync(gone));
          await then?.();
        },
      });
    } catch (error) {
      tell(error);
    }
  };
}
