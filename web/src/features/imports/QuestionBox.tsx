import { QuestionCircleOutlined } from "@ant-design/icons";
import { Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useServerWords } from "@/lib/i18n/server-words";
import type { Draft } from "./mapping";
import { answersTo, givenAnswer, type Column, type Question } from "./questions";

interface QuestionBoxProps {
  question: Question;
  column: Column | undefined;
  draft: Draft;
  onChange: (draft: Draft) => void;
}

/** What nobody but the operator can decide, with the answers to choose from. */
export function QuestionBox({ question, column, draft, onChange }: QuestionBoxProps) {
  const { t, i18n } = useTranslation("imports");
  const say = useServerWords();
  const [chosen, setChosen] = useState<string | null>(null);
  const answers = answersTo(question, column);
  const given = givenAnswer(question, answers, draft) ?? chosen;
  const odd = column?.odd_cells;
  const key = `imports:question.${question.code}`;
  const words = i18n.exists(key)
    ? t(`question.${question.code}`, { column: question.column ?? "", misfits: odd?.misfits ?? 0, of: odd?.of ?? 0, example: odd?.example ?? "", separators: (column?.separators ?? []).map((one) => t(`form.${one}`)).join(t("columns.comma")) })
    : say(question.message);
  return (
    <div className="h-question" role="group" aria-label={words}>
      <QuestionCircleOutlined aria-hidden />
      <div>
        <p>{words}</p>
        {answers.length > 0 && (
          <Radio.Group
            value={given}
            onChange={(event) => {
              const answer = answers.find((one) => (one.form ?? one.key) === event.target.value);
              setChosen(event.target.value as string);
              if (answer) onChange(answer.apply(draft));
            }}
            options={answers.map((answer) => ({ value: answer.form ?? answer.key, label: answer.key === "date" ? dateExample(answer.form ?? "") : t(`answer.${answer.key}`) }))}
          />
        )}
      </div>
    </div>
  );
}

/** How the last day of January is written in a form. */
function dateExample(form: string): string {
  const parts: Record<string, string> = { yyyymmdd: "20260131", y: "2026", m: "01", d: "31" };
  return parts[form] ?? form.replace(/[ymd]/g, (part) => parts[part] ?? part);
}
