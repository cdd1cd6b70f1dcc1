import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import "./Copy.css";

/** A button that copies and says so. Without a secure connection browsers do not let us; the text is then selected. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation("ui");
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <Button
      size="small"
      icon={isCopied ? <CheckOutlined /> : <CopyOutlined />}
      aria-label={label ? `${t("copy")}: ${label}` : t("copy")}
      onClick={() => void copy(text).then(setIsCopied)}
    >
      <span aria-live="polite">{isCopied ? t("copied") : t("copy")}</span>
    </Button>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }
}

/** Something to be copied, such as a key or an address. */
export function CopyField({ text, label }: { text: string; label: string }) {
  return (
    <div className="h-copy-field" role="group" aria-label={label}>
      <code className="h-code">{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

export interface Snippet {
  name: string;
  code: string;
}

/** Code to be copied, in one of several languages. */
export function CodeSnippet({ snippets, label }: { snippets: readonly Snippet[]; label: string }) {
  const [name, setName] = useState(snippets[0]?.name ?? "");
  const shown = snippets.find((snippet) => snippet.name === name) ?? snippets[0];
  if (!shown) return null;
  return (
    <div className="h-snippet" role="group" aria-label={label}>
      <div className="h-snippet-head">
        <div className="h-snippet-tabs">
          {snippets.length > 1 && (
            <Segmented size="small" value={shown.name} onChange={setName} options={snippets.map((snippet) => snippet.name)} aria-label={label} />
          )}
        </div>
        <CopyButton text={shown.code} label={shown.name} />
      </div>
      <pre className="h-code" tabIndex={0} aria-label={shown.name}>
        {shown.code}
      </pre>
    </div>
  );
}
