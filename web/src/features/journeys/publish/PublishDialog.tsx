import { Alert, Checkbox, Modal, Radio, Select } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/lib/api";
import { ErrorState, Loading, Num, useTellProblem, useUndoToast } from "@/ui";
import { journeyQuery, useAct, usePreview, useVersion, type Journey, type Preview, type PublishBody } from "../api";
import type { Autosave } from "../autosave";
import { useChoices } from "../choices";
import { ENTRY, type JourneyDocument } from "../document/types";
import { parseDocument } from "../document/wire";
import { troublesOfWire, useTroubleWords } from "../troubles";
import { useStepWords } from "../words";
import { Numbers } from "./Numbers";

interface PublishDialogProps {
  journey: Journey;
  document: JourneyDocument;
  autosave: Autosave;
  onClose: () => void;
}

/** Whether somebody was faster; other conflicts are of the journey's state. */
function isConflict(error: unknown): boolean {
  return error !== null && error !== undefined && asProblem(error).code === "conflict";
}

/** What publishing would do, in numbers, before it is done. */
export function PublishDialog({ journey, document, autosave, onClose }: PublishDialogProps) {
  const { t } = useTranslation("journeys");
  const tell = useTellProblem();
  const toast = useUndoToast();
  const act = useAct(journey.id);
  const [revision, setRevision] = useState<number | null>(null);
  const [isMoving, setIsMoving] = useState(false);
  const [move, setMove] = useState<Record<string, string | null>>({});
  const [cancels, setCancels] = useState(false);
  const [isOvertaken, setIsOvertaken] = useState(false);
  const { flush, take } = autosave;
  const queries = useQueryClient();

  // What is published is what is saved, so everything is saved first.
  useEffect(() => {
    void flush().then((saved) => (saved === null ? onClose() : setRevision(saved)));
    // Once, when the dialog opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const body: PublishBody = { revision: revision ?? 0, running: isMoving ? { move } : "stay", cancel_queued: cancels };
  // What was published is not previewed again: its revision is the past.
  const preview = usePreview(journey.id, body, revision !== null && !act.isPending && !act.isSuccess);
  const found = preview.data;
  const isReady = found !== undefined && !preview.isError && !(isMoving && found.unmapped > 0) && !preview.isPlaceholderData;

  // Somebody saved the draft meanwhile. What he made of it is shown, and the numbers are those of it; the answers given here stay.
  const renew = useCallback(async () => {
    const fresh = await queries.fetchQuery({ ...journeyQuery(journey.id), staleTime: 0 });
    take(fresh);
    setRevision(fresh.revision);
    setIsOvertaken(true);
  }, [queries, journey.id, take]);
  const isStale = isConflict(preview.error);
  useEffect(() => {
    if (isStale) void renew().catch(tell);
  }, [isStale, renew, tell]);

  function publish() {
    act.mutate(
      { kind: "publish", body },
      {
        onError: (error) => (isConflict(error) ? void renew().catch(tell) : tell(error)),
        onSuccess: () => {
          toast(t("publish.done", { version: found?.version ?? "" }));
          onClose();
        },
      },
    );
  }

  return (
    <Modal open title={journey.published_version ? t("publish.title") : t("publish.firstTitle")} width={720} okText={t("publish.verb")} cancelText={t("ui:cancel")} okButtonProps={{ disabled: !isReady, loading: act.isPending }} onOk={publish} onCancel={onClose}>
      {preview.isError && !isStale && <Refused error={preview.error} document={document} retry={() => void preview.refetch()} />}
      {!found && (!preview.isError || isStale) && <Loading />}
      {found && (
        <div className="j-publish">
          {isOvertaken && <Alert type="warning" showIcon title={t("publish.overtaken")} description={t("publish.overtakenHelp")} />}
          <p>{found.under_way > 0 ? t("publish.help", { version: found.version }) : t("publish.helpFirst", { version: found.version })}</p>
          {found.under_way > 0 && (
            <Radio.Group
              vertical
              value={isMoving}
              options={[
                { value: false, label: t("publish.stay") },
                { value: true, label: t("publish.move") },
              ]}
              onChange={(event) => {
                setIsMoving(event.target.value);
                if (event.target.value) setMove(sameNames(found, document));
              }}
            />
          )}
          <Numbers
            items={[
              { label: t("publish.underWay"), value: found.under_way },
              { label: t("publish.stays"), value: found.stay },
              { label: t("publish.moved"), value: found.moved },
              { label: t("publish.ended"), value: found.ended, isBad: found.ended > 0 },
            ]}
          />
          {isMoving && <Mapping journey={journey} found={found} document={document} move={move} onChange={setMove} />}
          {found.queued.length > 0 && (
            <>
              <p>{t("publish.queued", { count: found.queued.reduce((sum, one) => sum + one.messages, 0) })}</p>
              <Checkbox checked={cancels} onChange={(event) => setCancels(event.target.checked)}>
                {t("publish.cancelQueued", { count: found.queued.filter((one) => one.is_removed).reduce((sum, one) => sum + one.messages, 0) })}
              </Checkbox>
            </>
          )}
          <Unreached found={found} document={document} />
        </div>
      )}
    </Modal>
  );
}

/** Whoever stands at a step that is still there goes on at it. */
function sameNames(found: Preview, document: JourneyDocument): Record<string, string | null> {
  return Object.fromEntries(found.standing.flatMap((one) => (one.step in document.steps ? [[one.step, one.step]] : [])));
}

function Refused({ error, document, retry }: { error: unknown; document: JourneyDocument; retry: () => void }) {
  const { t } = useTranslation("journeys");
  const words = useTroubleWords();
  const steps = useStepWords(useChoices());
  const problem = asProblem(error);
  if (problem.fields.length === 0) return <ErrorState error={error} retry={retry} />;
  const troubles = troublesOfWire(problem.fields, document);
  return (
    <Alert
      type="error"
      showIcon
      title={t("publish.refused")}
      description={
        <ul>
          {troubles.map((one, index) => (
            <li key={index}>
              <strong>{one.step === null ? t("settings.title") : steps.title(one.step, document.steps[one.step])}</strong> {words(one)}
            </li>
          ))}
        </ul>
      }
    />
  );
}

const END = "";

function Mapping({ journey, found, document, move, onChange }: { journey: Journey; found: Preview; document: JourneyDocument; move: Record<string, string | null>; onChange: (move: Record<string, string | null>) => void }) {
  const { t } = useTranslation("journeys");
  const words = useStepWords(useChoices());
  const rows = useMemo(() => {
    const runs = new Map<string, number>();
    for (const one of found.standing) runs.set(one.step, (runs.get(one.step) ?? 0) + one.runs);
    for (const one of found.may_reach) if (!runs.has(one.step)) runs.set(one.step, 0);
    return [...runs];
  }, [found]);
  // Steps that the draft has no more are called as they were.
  const published = useVersion(journey.id, journey.published_version ?? null);
  const before = useMemo(() => published.data && parseDocument(published.data.document), [published.data]);
  const titleOf = (step: string) => {
    if (document.steps[step]) return words.title(step, document.steps[step]);
    return t("publish.goneStep", { step: before?.steps[step] ? words.title(step, before.steps[step]) : step });
  };
  const options = [{ value: END, label: t("panel.runEnds") }, ...Object.entries(document.steps).map(([name, step]) => ({ value: name, label: words.title(name, step) }))];
  return (
    <table className="j-mapping">
      <thead>
        <tr>
          <th scope="col">{t("publish.standingAt")}</th>
          <th scope="col" className="is-number">{t("publish.members")}</th>
          <th scope="col">{t("publish.goesTo")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([step, runs]) => (
          <tr key={step}>
            <td>{titleOf(step)}</td>
            <td className="is-number"><Num value={runs} /></td>
            <td>
              <Select
                className="j-wide"
                aria-label={t("publish.goesToFor", { step: titleOf(step) })}
                status={step in move || runs === 0 ? undefined : "error"}
                placeholder={t("panel.chooseTarget")}
                value={step in move ? (move[step] ?? END) : undefined}
                options={options}
                onChange={(next: string) => onChange({ ...move, [step]: next === END ? null : next })}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Unreached({ found, document }: { found: Preview; document: JourneyDocument }) {
  const { t } = useTranslation("journeys");
  const words = useStepWords(useChoices());
  const names = found.unreached.filter((name) => name !== ENTRY);
  if (names.length === 0) return null;
  return <Alert type="warning" showIcon title={t("publish.unreached", { count: names.length, steps: names.map((name) => words.title(name, document.steps[name])).join(t("words.comma")) })} />;
}
