import { App } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, isAborted, type FieldProblem, type Problem } from "@/lib/api";
import { useServerWords } from "@/lib/i18n/server-words";

export interface ProblemWords {
  title: string;
  help: string;
}

/** Of these our words say all that the detail says, which is in English. */
const SAID_WHOLLY = new Set(["bad_token", "login_failed", "rate_limited", "setup_done", "unauthenticated", "weak_password"]);

/**
 * What a problem says in the reader's language: in our words, else in those of the server; the detail, which names the place, is
 * shown wherever it adds to them.
 */
export function useProblemWords(): (problem: Problem) => ProblemWords {
  const { t, i18n } = useTranslation("problems");
  const serverWords = useServerWords();
  return useCallback(
    (problem) => {
      const isKnown = i18n.exists(`problems:${problem.code}.title`);
      const said = problem.words && i18n.language !== "en" ? serverWords(problem.words) : null;
      const title = isKnown ? t(`problems:${problem.code}.title`) : said || problem.title || t("unexpected.title");
      const help = isKnown ? t(`problems:${problem.code}.help`) : said ? "" : problem.help || t("unexpected.help");
      const isWhole = isKnown && i18n.language !== "en" && SAID_WHOLLY.has(problem.code);
      const detail = !isWhole && problem.fields.length === 0 && problem.detail && problem.detail !== problem.title ? problem.detail : "";
      return { title, help: detail ? (help ? `${help} (${detail})` : detail) : help };
    },
    [t, i18n, serverWords],
  );
}

/** What is wrong with one field: in the words of the server, else in ours where its code has some, else as the server says it in English. */
export function useFieldWords(): (field: FieldProblem) => string {
  const { t, i18n } = useTranslation("problems");
  const serverWords = useServerWords();
  return useCallback(
    (field) => {
      if (field.words) return serverWords(field.words);
      // That a body is wrong says nothing of its field.
      const isSaid = i18n.language !== "en" && field.code !== "invalid_body" && i18n.exists(`problems:${field.code}.title`);
      return isSaid ? t(`problems:${field.code}.title`) : field.message;
    },
    [t, i18n, serverWords],
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
