import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { Panel, Time, useUrlDrawer } from "@/ui";
import { Source } from "../Thing";
import { useSettledTraits, useTraitTitle } from "../traits";
import type { Member } from "./api";
import { useKindName } from "./IdentitiesPanel";
import { TraitDrawer } from "./TraitDrawer";
import { isDate, textOf } from "./values";

const MANY = 14;

/** What is known of the member, from where and since when; each can be mended by hand. */
export function TraitsPanel({ member }: { member: Member }) {
  const { t } = useTranslation("members");
  const mayChange = useCan("people", "write");
  const drawer = useUrlDrawer();
  const settled = useSettledTraits();
  const [wanted, setWanted] = useState("");
  const [isWhole, setIsWhole] = useState(false);
  const traits = Object.entries(member.traits as Record<string, unknown>);
  const titleOf = useTraitTitle();
  const sought = wanted.trim().toLowerCase();
  const found = traits.filter(([name, value]) => `${name} ${titleOf(name)} ${textOf(value)}`.toLowerCase().includes(sought));
  const shown = isWhole || sought ? found : found.slice(0, MANY);
  const opened = drawer.value === "trait" ? "" : drawer.value?.startsWith("trait.") ? drawer.value.slice("trait.".length) : null;

  return (
    <Panel
      title={t("profile.traits")}
      actions={
        mayChange && (
          <Button size="small" icon={<PlusOutlined />} onClick={() => drawer.open("trait")}>
            {t("traits.add")}
          </Button>
        )
      }
    >
      {traits.length > MANY && (
        <Input className="h-traits-search" allowClear placeholder={t("traits.search")} aria-label={t("traits.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
      )}
      {traits.length === 0 && <p className="h-quiet h-traits-none">{t("traits.none")}</p>}
      <dl className="h-traits">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt title={name}>{titleOf(name)}</dt>
            <dd>
              <span className="h-traits-value">
                <TraitValue value={value} />
                <Provenance from={member.provenance?.[name]} />
              </span>
              {mayChange && (
                <Button type="text" size="small" icon={<EditOutlined />} aria-label={t("traits.editNamed", { name: titleOf(name) })} onClick={() => drawer.open(`trait.${name}`)} />
              )}
            </dd>
          </div>
        ))}
      </dl>
      {shown.length < found.length && (
        <Button type="link" className="h-traits-more" onClick={() => setIsWhole(true)}>
          {t("traits.all", { count: found.length })}
        </Button>
      )}
      <TraitDrawer key={opened ?? "closed"} member={member} name={opened} settled={settled.data ?? []} onClose={drawer.close} />
    </Panel>
  );
}

const LONG = 200;

function TraitValue({ value }: { value: unknown }) {
  const { t } = useTranslation("members");
  const formats = useFormats();
  if (typeof value === "boolean") return <span>{value ? t("traits.true") : t("traits.false")}</span>;
  if (typeof value === "number") return <span className="h-num">{formats.number(value, { maximumFractionDigits: 6, useGrouping: Math.abs(value) >= 10_000 })}</span>;
  if (isDate(value) && value.includes("T")) return <Time at={value} absolute />;
  const text = textOf(value);
  const isCode = typeof value === "object";
  return <span className={isCode ? "h-code h-traits-code" : undefined} title={text.length > LONG ? text : undefined}>{text.length > LONG ? `${text.slice(0, LONG)}…` : text}</span>;
}

function Provenance({ from }: { from: NonNullable<Member["provenance"]>[string] | undefined }) {
  const { t } = useTranslation("members");
  const kindName = useKindName();
  if (!from) return null;
  return (
    <Tooltip title={t("traits.under", { kind: kindName(from.identity_kind), value: from.identity_value })}>
      <span className="h-traits-from" tabIndex={0}>
        <Source source={from.source} />
        {" · "}
        <Time at={from.at} />
      </span>
    </Tooltip>
  );
}
