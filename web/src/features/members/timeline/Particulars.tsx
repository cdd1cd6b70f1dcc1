import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { MergeReason } from "@/features/merges";
import { useFormats } from "@/lib/format";
import { useTopicName } from "@/lib/names";
import { Label } from "@/ui";
import { useChoices } from "../choices";
import { MemberChip } from "../MemberChip";
import { Thing } from "../Thing";
import type { Piece } from "./pieces";

const SHOWN_TRAITS = 4;

/** The particulars behind what happened, parted by dots. */
export function Particulars({ pieces }: { pieces: readonly Piece[] }) {
  return (
    <span className="h-entry-details">
      {pieces.map((piece, place) => (
        <Fragment key={`${piece.kind}${place}`}>
          {place > 0 && <span aria-hidden className="h-entry-dot">·</span>}
          <Particular piece={piece} />
        </Fragment>
      ))}
    </span>
  );
}

function Particular({ piece }: { piece: Piece }) {
  const { t, i18n } = useTranslation("members");
  const formats = useFormats();
  const topicName = useTopicName();
  switch (piece.kind) {
    case "text":
      return <span>{piece.text}</span>;
    case "money":
      return <span className="h-num">{piece.currency && /^[A-Z]{3}$/.test(piece.currency) ? formats.money(piece.amount, piece.currency) : formats.number(piece.amount, { maximumFractionDigits: 2 })}</span>;
    case "label":
      return <Label>{piece.text}</Label>;
    case "stage":
      return <StageName stage={piece.text} />;
    case "channel":
      return <span>{i18n.exists(`members:channels.${piece.text}`) ? t(`channels.${piece.text}`) : piece.text}</span>;
    case "topic":
      return <span>{topicName(piece.text)}</span>;
    case "moment":
      return <span>{t("timeline:until", { moment: formats.time(piece.at) })}</span>;
    case "reason":
      return <MergeReason reason={piece.text} />;
    case "traits":
      return (
        <span>
          {piece.names.slice(0, SHOWN_TRAITS).join(", ")}
          {piece.names.length > SHOWN_TRAITS && ` +${piece.names.length - SHOWN_TRAITS}`}
        </span>
      );
    case "thing":
      return piece.id.startsWith("mem_") ? <MemberChip id={piece.id} name={piece.name} /> : <Thing id={piece.id} name={piece.name} hasIcon />;
  }
}

export function StageName({ stage }: { stage: string }) {
  const stages = useChoices("stages");
  return <span>{stages.data?.find((one) => one.value === stage)?.label ?? stage}</span>;
}
