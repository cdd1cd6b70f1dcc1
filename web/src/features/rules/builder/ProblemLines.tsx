import { ExclamationCircleFilled } from "@ant-design/icons";
import { useServerWords } from "@/lib/i18n/server-words";
import { UNFINISHED } from "../model/unfinished";
import { useChips } from "./editor";
import { problemText } from "./problem-words";

/** What is wrong with a condition, in words, right below it. What is merely not filled in yet is shown by its field alone. */
export function ProblemLines({ id }: { id: string }) {
  const { problemsAt, words } = useChips();
  const serverWords = useServerWords();
  const told = problemsAt(id).filter((problem) => problem.code !== UNFINISHED);
  if (told.length === 0) return null;
  return (
    <span className="h-rule-problems" role="alert">
      {told.map((problem) => (
        <span key={`${problem.path}${problem.code}${problem.message}`}>
          <ExclamationCircleFilled aria-hidden /> {problemText(words.t, problem, serverWords)}
        </span>
      ))}
    </span>
  );
}
