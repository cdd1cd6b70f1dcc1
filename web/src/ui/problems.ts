import { App } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, isAborted, type Problem } from "@/lib/api";

export interface ProblemWords {
  title: string;
  help: string;
}

/**
 * What a problem says in the reader's language. Codes that we have no words for say what the server said; the detail, which
 * names the place, is always shown.
 */
export function useProblemWords(): (problem: Problem) => ProblemWords {
  const { t, i18n } = useTranslation("problems");
  return useCallback(
    (problem) => {
      const known = i18n.exists(`problems:${problem.code}.title`);
      const title = known ? t(`problems:${problem.code}.title`) : problem.title || t("unexpected.title");
      const help = known ? t(`problems:${problem.code}.help`) : problem.help || t("unexpected.help");
      const detail = problem.fields.length === 0 && problem.detail && problem.detail !== problem.title ? problem.detail : "";
      return { title, help: detail ? `${help} (${detail})` : help };
    },
    [t, i18n],
  );
}

/** Shows what went wrong with something that somebody did, where there is no form to show it at. */
export function useTellProblem(): (error: unknown) => void {
  const { notification } = App.useApp();
  const words = useProblemWords();
  return useCallback(
    (error) => {
      if (isAborted(error)) return;
      const { title, help } = words(asProblem(error));
      notification.error({ title, description: help, placement: "bottom", role: "alert" });
    },
    [notification, words],
  );
}
