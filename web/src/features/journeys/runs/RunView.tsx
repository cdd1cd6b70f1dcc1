import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { MemberChip } from "@/features/members";
import { useEventsInWords } from "@/features/rules";
import { useServerWords } from "@/lib/i18n/server-words";
import { useIsUnknown } from "@/lib/names";
import { Loaded, Time } from "@/ui";
import { useExplanation, useRuns, useTrace, useVersion, type Journey } from "../api";
import { JourneyCanvas } from "../canvas/JourneyCanvas";
import { useChoices } from "../choices";
import type { JourneyDocument } from "../document/types";
import { parseDocument } from "../document/wire";
import { useStepWords } from "../words";
import { withTitles } from "./told";
import { Walk } from "./Walk";
import { walkOf } from "./walk-of";
import { RunState } from "./RunsTab";

const NOBODY: ReadonlySet<string> = new Set();

/** One member's way through the journey: on the canvas, and told in sentences. */
export function RunView({ journey, run, member }: { journey: Journey; run: string; member: string }) {
  const { t } = useTranslation("journeys");
  const choices = useChoices();
  const runs = useRuns(journey.id, { member });
  const found = runs.items.find((one) => one.id === run);
  const version = useVersion(journey.id, found?.version ?? null);
  const trace = useTrace(journey.id, run);
  const [upTo, setUpTo] = useState<number | null>(null);
  const document = useMemo(() => version.data && parseDocument(version.data.document), [version.data]);
  const lines = useMemo(() => trace.data ?? [], [trace.data]);
  const walk = useMemo(() => walkOf(upTo === null ? lines : lines.slice(0, upTo + 1)), [lines, upTo]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NOBODY);
  return (
    <>
      <header className="j-run-head">
        <MemberChip id={member} isTall />
        {found && (
          <>
            <RunState state={found.state} />
            <span className="h-quiet">{t("runs.since")} <Time at={found.entered_at} /></span>
            {found.goal_at && <span className="h-quiet">{t("runs.goalReached")} <Time at={found.goal_at} /></span>}
            <span className="h-quiet">{t("runs.onVersion", { version: found.version })}</span>
          </>
        )}
      </header>
      <div className="j-run">
        <div className="j-run-canvas">
          <Loaded query={version}>
            {() =>
              document && (
                <JourneyCanvas label={t("runs.canvas")} document={document} choices={choices} walk={walk} chosen={chosen} chosenWay={null} onChoose={(names) => setChosen(new Set(names))} />
              )
            }
          </Loaded>
          {lines.length > 1 && <Walk length={lines.length} at={upTo} onAt={setUpTo} timeOf={(index) => lines[index]?.at} />}
        </div>
        <section className="j-story" aria-label={t("runs.story")}>
          <h2>{t("runs.story")}</h2>
          <Story member={member} journey={journey.id} run={run} document={document ?? null} />
        </section>
      </div>
    </>
  );
}

function Story({ member, journey, run, document }: { member: string; journey: string; run: string; document: JourneyDocument | null }) {
  const { t } = useTranslation("journeys");
  const words = useServerWords();
  const steps = useStepWords(useChoices());
  const withEvents = useEventsInWords();
  const titleOf = (name: string) => document?.steps[name] && steps.title(name, document.steps[name]);
  const explanation = useExplanation(member, journey);
  const isErased = useIsUnknown(member);
  if (isErased) return <p className="h-quiet">{t("runs.erased")}</p>;
  return (
    <Loaded query={explanation}>
      {({ trail, cut }) => {
        const lines = trail.filter((line) => !line.run || line.run === run);
        return (
          <>
            <ol className="j-trail">
              {lines.map((line, index) => (
                <li key={index} className={`is-${line.what}`}>
                  <Time at={line.at} absolute />
                  <span>{withEvents(withTitles(words({ en: line.en, zh: line.zh }), titleOf))}</span>
                </li>
              ))}
            </ol>
            {cut && <p className="h-quiet">{t("runs.cut")}</p>}
          </>
        );
      }}
    </Loaded>
  );
}
