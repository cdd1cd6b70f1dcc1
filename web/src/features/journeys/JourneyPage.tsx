import { Link, useParams } from "@tanstack/react-router";
import { Tabs } from "antd";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Loaded, Loading } from "@/ui";
import { useAddress } from "./address";
import { useJourney, type Journey } from "./api";
import { useAutosave } from "./autosave";
import { parseDocument } from "./document/wire";
import { useEditor } from "./editor";
import { JourneyHead } from "./JourneyHead";
import "./journeys.css";

export const TABS = ["canvas", "runs", "simulate", "results", "versions"] as const;
export type Tab = (typeof TABS)[number];

const CanvasTab = lazy(() => import("./CanvasTab").then((module) => ({ default: module.CanvasTab })));
const RunsTab = lazy(() => import("./runs/RunsTab").then((module) => ({ default: module.RunsTab })));
const SimulateTab = lazy(() => import("./simulate/SimulateTab").then((module) => ({ default: module.SimulateTab })));
const ResultsTab = lazy(() => import("./report/ResultsTab").then((module) => ({ default: module.ResultsTab })));
const VersionsTab = lazy(() => import("./versions/VersionsTab").then((module) => ({ default: module.VersionsTab })));

/** One journey: its canvas, those who are on their way, what it would do, what it has done, and what it was. */
export function JourneyPage() {
  const { journeyId: id = "" } = useParams({ strict: false });
  const journey = useJourney(id);
  return (
    <Loaded query={journey} rows={8}>
      {(found) => <Opened key={id} journey={found} />}
    </Loaded>
  );
}

function Opened({ journey }: { journey: Journey }) {
  const { t } = useTranslation("journeys");
  const { at, go } = useAddress();
  const tab: Tab = TABS.find((one) => one === at.tab) ?? "canvas";
  const isEditing = useCan("outreach", "write");
  const first = useMemo(() => parseDocument(journey.document), [journey.document]);
  const editor = useEditor(first);
  const autosave = useAutosave(journey, editor, isEditing);
  const shown = { journey, editor, autosave, isEditing };
  return (
    <div className="j-page">
      <JourneyHead {...shown} />
      <Tabs
        className="j-tabs"
        activeKey={tab}
        onChange={(next) => go(next === "canvas" ? {} : { tab: next })}
        items={TABS.map((one) => ({ key: one, label: t(`tab.${one}`) }))}
      />
      <Suspense fallback={<div className="j-tab"><Loading rows={6} /></div>}>
        {tab === "canvas" && <CanvasTab {...shown} />}
        {tab === "runs" && <RunsTab journey={journey} editor={editor} />}
        {tab === "simulate" && <SimulateTab {...shown} />}
        {tab === "results" && <ResultsTab journey={journey} />}
        {tab === "versions" && <VersionsTab {...shown} />}
      </Suspense>
      <Link className="h-heard" to="/journeys">{t("back")}</Link>
    </div>
  );
}
