import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CodeSnippet } from "@/ui";
import { snippetsOfApiKey, snippetsOfWriteKey } from "./snippets";
import type { KeyKind } from "./api";

/** Code to copy for each SDK, with the address of this server and the key in it. */
export function KeySnippets({ kind, secret, server }: { kind: KeyKind; secret: string; server: string }) {
  const { t } = useTranslation("keys");
  const groups = (kind === "write" ? snippetsOfWriteKey : snippetsOfApiKey)(secret, server);
  const [product, setProduct] = useState(groups[0]?.product ?? "");
  const shown = groups.find((group) => group.product === product) ?? groups[0];
  if (!shown) return null;
  return (
    <div className="h-key-snippets">
      {groups.length > 1 && (
        <div className="h-key-products">
          <Segmented
            value={shown.product}
            onChange={setProduct}
            options={groups.map((group) => ({ value: group.product, label: group.product === "Sensors Analytics" ? t("sensors") : group.product }))}
            aria-label={t("product")}
          />
        </div>
      )}
      <CodeSnippet key={shown.product} label={t("snippet")} snippets={shown.snippets} />
    </div>
  );
}
