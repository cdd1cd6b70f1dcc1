import { Fragment, type ReactNode } from "react";

interface SentenceProps {
  /** With holes such as `{{within}}`, in the order of the reader's language. */
  words: string;
  slots: Record<string, ReactNode>;
}

/** A comma stands at the chip before it. */
const CLOSES = /^[,.:;，。：；、]/;

/** Words and chips in one line. */
export function Sentence({ words, slots }: SentenceProps) {
  return (
    <div className="h-rule-line">
      {words.split(/\{\{(\w+)\}\}/).map((part, index) =>
        index % 2 === 1 ? (
          <Fragment key={part}>{slots[part]}</Fragment>
        ) : (
          part.trim() && <span key={`words${index}`} className={CLOSES.test(part.trim()) ? "h-rule-close" : undefined}>{part.trim()}</span>
        ),
      )}
    </div>
  );
}
