import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** How the stages that every workspace begins with end: the server names them in Chinese and English at once. */
const USUAL: Record<string, string> = {
  stranger: "Stranger",
  follower: "Follower",
  buyer: "Buyer",
  satisfied: "Satisfied",
  repeat: "Repeat buyer",
  advocate: "Advocate",
  fan: "Fan",
};

/** Whether a stage still has the name that it was born with; one that somebody has renamed is called as he wants it. */
export function isUsualStage(key: string, name: string): boolean {
  const english = Object.hasOwn(USUAL, key) ? USUAL[key] : undefined;
  return english !== undefined && name.endsWith(` ${english}`) && /^\p{Script=Han}+ /u.test(name);
}

/** What a stage is called in the reader's language. */
export function useStageName(): (key: string, name: string) => string {
  const { t } = useTranslation("ui");
  return useCallback((key, name) => (isUsualStage(key, name) ? t(`stages.${key}`) : name), [t]);
}
