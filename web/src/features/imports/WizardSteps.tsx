import { CheckOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { STEPS, type Step } from "./steps";

/** Where one stands: upload, columns, preview, import. */
export function WizardSteps({ step }: { step: Step }) {
  const { t } = useTranslation("imports");
  const now = STEPS.indexOf(step);
  return (
    <ol className="h-wizard-steps" aria-label={t("steps")}>
      {STEPS.map((one, index) => (
        <li key={one} className={index === now ? "is-now" : index < now ? "is-done" : undefined} aria-current={index === now ? "step" : undefined}>
          <span className="h-wizard-number" aria-hidden>{index < now ? <CheckOutlined /> : index + 1}</span>
          <span>{t(`step.${one}`)}</span>
        </li>
      ))}
    </ol>
  );
}
