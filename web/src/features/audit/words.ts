import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { detailsOf } from "./details";

/** The log in the reader's language; what we do not know stays as it is written. */
export function useAuditWords(): { action: (action: string) => string; details: (detail: unknown) => string } {
  const { t, i18n } = useTranslation("audit");
  const formats = useFormats();
  return useMemo(() => {
    const words = {
      label: (key: string) => t(`fields.${key}`),
      word: (key: string, value: string) => (i18n.exists(`audit:values.${key}.${value}`) ? t(`values.${key}.${value}`) : value),
      number: formats.number,
      moment: formats.date,
      list: (values: string[]) => new Intl.ListFormat(i18n.language, { type: "conjunction" }).format(values),
    };
    return {
      action: (action) => (i18n.exists(`audit:actions.${action}`) ? t(`actions.${action}`) : action),
      details: (detail) => detailsOf(detail, words).map((one) => t("detailOf", one)).join(" · "),
    };
  }, [t, i18n, formats]);
}
