import { CopyOutlined, DeleteOutlined, EditOutlined, HolderOutlined, MoreOutlined, SwapOutlined } from "@ant-design/icons";
import { Button, Dropdown, Tooltip } from "antd";
import { useNavigate, type LinkProps } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { QuestionCard } from "@/features/insight";
import { Panel } from "@/ui";
import { addressOf, movedTo, questionOn, type BoardFilters, type PlacedCard } from "./cards";
import { useDrag } from "./useDrag";

interface CardGridProps {
  cards: readonly PlacedCard[];
  filters: BoardFilters;
  mayWrite: boolean;
  onOrder: (cards: PlacedCard[]) => void;
  onEdit: (key: string) => void;
  onCopy: (card: PlacedCard) => void;
  onWidth: (card: PlacedCard) => void;
  onRemove: (key: string, title: string) => void;
}

const STEPS: Record<string, number> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

/** The cards of a board in two columns, one on a phone. Their order is changed by the handle: dragging, or arrow keys. */
export function CardGrid({ cards, onOrder, mayWrite, ...rest }: CardGridProps) {
  const { t } = useTranslation("boards");
  const list = useRef<HTMLUListElement>(null);
  const [told, setTold] = useState("");
  const focusOn = useRef<string | null>(null);

  const move = useCallback(
    (from: number, to: number) => {
      const card = cards[from];
      if (!card || to < 0 || to >= cards.length) return;
      focusOn.current = card.key;
      setTold(t("moved", { place: to + 1, count: cards.length }));
      onOrder(movedTo(cards, from, to));
    },
    [cards, onOrder, t],
  );
  const { dragged, drop, start } = useDrag(list, move);

  // The browser lets go of a handle whose card it has put elsewhere.
  useEffect(() => {
    if (!focusOn.current) return;
    list.current?.querySelector<HTMLElement>(`[data-card="${focusOn.current}"] .h-board-handle`)?.focus();
    focusOn.current = null;
  }, [cards]);

  function onKey(event: KeyboardEvent, at: number) {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(at, at + step);
  }

  return (
    <>
      <ul className="h-board" ref={list}>
        {cards.map((one, at) => {
          const mark = drop?.over === at ? (drop.isBehind ? "is-drop-behind" : "is-drop-before") : "";
          return (
            <li key={one.key} data-card={one.key} className={`h-board-card ${one.card.width === 2 ? "is-wide" : ""} ${dragged === at ? "is-dragged" : ""} ${mark}`}>
              <CardFrame {...rest} one={one} mayWrite={mayWrite} onGrab={cards.length > 1 ? (event) => start(event, at) : undefined} onKey={(event) => onKey(event, at)} />
            </li>
          );
        })}
      </ul>
      <span className="h-heard" role="status">{told}</span>
    </>
  );
}

interface CardFrameProps extends Omit<CardGridProps, "cards" | "onOrder"> {
  one: PlacedCard;
  onGrab?: (event: PointerEvent) => void;
  onKey: (event: KeyboardEvent) => void;
}

function CardFrame({ one, filters, mayWrite, onGrab, onKey, onEdit, onCopy, onWidth, onRemove }: CardFrameProps) {
  const { t } = useTranslation("boards");
  const navigate = useNavigate();
  const { card } = one;
  const question = questionOn(card.question, filters);
  const name = card.title || t(`kind.${card.kind}`);
  const tools = mayWrite && (
    <>
      {onGrab && (
        <Tooltip title={t("moveHelp")}>
          <Button className="h-board-handle" size="small" type="text" icon={<HolderOutlined />} aria-label={t("move", { name })} onPointerDown={onGrab} onKeyDown={onKey} />
        </Tooltip>
      )}
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [
            { key: "edit", icon: <EditOutlined aria-hidden />, label: t("editCard") },
            { key: "width", icon: <SwapOutlined aria-hidden />, label: card.width === 2 ? t("narrower") : t("wider") },
            { key: "copy", icon: <CopyOutlined aria-hidden />, label: t("copyCard") },
            { key: "remove", icon: <DeleteOutlined aria-hidden />, label: t("remove"), danger: true },
          ],
          onClick: ({ key }) => {
            if (key === "edit") onEdit(one.key);
            else if (key === "width") onWidth(one);
            else if (key === "copy") onCopy(one);
            else onRemove(one.key, name);
          },
        }}
      >
        <Button size="small" type="text" icon={<MoreOutlined />} aria-label={t("cardMore", { name })} />
      </Dropdown>
    </>
  );
  return (
    <Panel className="h-board-panel">
      <QuestionCard
        kind={card.kind}
        question={question}
        view={card.view}
        title={card.title}
        tools={tools}
        level={2}
        height={card.view === "heat" || card.view === "sankey" ? 280 : 220}
        onOpen={() => void navigate(addressOf(card.kind, question) as LinkProps)}
      />
    </Panel>
  );
}
