import { Fragment, type ReactNode } from "react";

interface SentenceProps {
  /** With holes such as `{{within}}`, in the order of the reader's language. */
  words: string;
  slots: Record<string, ReactNode>;
}

/** Words and chips in one line. */
export function Sentence({ words, slots }: SentenceProps) {
  return (
    <div className="h-rule-line">
      {words.split(/\{\{(\w+)\}\}/).map((part, index) =>
        index % 2 === 1 ? <Fragment key={part}>{slots[part]}</Fragment> : part.trim() && <span key={`words${index}`}>{part.trim()}</span>,
      )}
    </div>
  );
}
