import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useServerWords } from "@/lib/i18n/server-words";
import type { Step, Tried } from "./steps";

const ICONS = { done: <CheckCircleFilled />, failed: <CloseCircleFilled />, not_reached: <MinusCircleOutlined /> };

/** How far a test came with each server, and what the other side said where it ended. */
export function TestResult({ tried }: { tried: readonly Tried[] }) {
  const { t } = useTranslation("channels");
  const failed = tried.filter((one) => one.failure).length;
  return (
    <section className={`h-test ${failed > 0 ? "is-bad" : "is-good"}`} role={failed > 0 ? "alert" : "status"} aria-label={t("test.title")}>
      <h3>{failed === 0 ? t("test.works") : t("test.fails", { count: failed })}</h3>
      <p className="h-quiet">{failed === 0 ? t("test.worksHelp") : t("test.failsHelp")}</p>
      {tried.map((one) => (
        <Server key={one.path} tried={one} isAlone={tried.length === 1} />
      ))}
    </section>
  );
}

function Server({ tried, isAlone }: { tried: Tried; isAlone: boolean }) {
  const { t } = useTranslation("channels");
  const words = useServerWords();
  const title = tried.path === "mailbox" ? t("mailbox.title") : tried.name || t("server.title");
  return (
    <div className="h-test-server">
      {!isAlone && <strong>{title}</strong>}
      <ol>
        {tried.steps.map((step) => (
          <StepLine key={step.name} step={step}>
            {step.state === "failed" && tried.failure && (
              <>
                {tried.failure.words && <span>{words(tried.failure.words)}</span>}
                {tried.said && <span className="h-test-said"><span className="h-quiet">{t("test.said")}</span> <code className="h-code">{tried.said}</code></span>}
                {!tried.failure.words && <Advice step={step.name} />}
              </>
            )}
          </StepLine>
        ))}
      </ol>
    </div>
  );
}

function StepLine({ step, children }: { step: Step; children: React.ReactNode }) {
  const { t, i18n } = useTranslation("channels");
  return (
    <li className={`is-${step.state}`}>
      <span className="h-test-icon" aria-hidden>{ICONS[step.state]}</span>
      <div>
        <span>
          {i18n.exists(`channels:steps.${step.name}`) ? t(`steps.${step.name}`) : step.name}
          {step.target && <span className="h-quiet"> {step.target}</span>}
          <span className="h-heard"> {t(`test.state.${step.state}`)}</span>
          {step.took ? <span className="h-quiet"> {t("test.took", { count: Math.round(step.took) })}</span> : null}
        </span>
        {children}
      </div>
    </li>
  );
}

/** What mostly helps when this step fails. */
function Advice({ step }: { step: string }) {
  const { t, i18n } = useTranslation("channels");
  return i18n.exists(`channels:advice.${step}`) ? <span className="h-quiet">{t(`advice.${step}`)}</span> : null;
}
