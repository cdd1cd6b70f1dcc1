import { ArrowDownOutlined, ArrowUpOutlined, CloseOutlined, HolderOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { moved } from "./reorder";

interface OrderedListProps<T> {
  items: readonly T[];
  onChange: (items: T[]) => void;
  /** What is in the list, for those who hear it. */
  label: string;
  /** Before each item: a number, a letter. */
  mark: (item: T, at: number) => ReactNode;
  children: (item: T, at: number) => ReactNode;
  least?: number;
  most: number;
  /** The button that adds one. */
  add: string;
  fresh: () => T;
  /** Beside that button. */
  more?: ReactNode;
}

/** Items in an order that can be changed by dragging, by the arrow keys on the handle, and on a phone by its menu. */
export function OrderedList<T>({ items, onChange, label, mark, children, least = 1, most, add, fresh, more }: OrderedListProps<T>) {
  const { t } = useTranslation("insight");
  const list = useRef<HTMLOListElement>(null);
  const focusAt = useRef<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const [told, setTold] = useState("");
  // In the menu the arrow keys choose.
  const [isMenuOpen, setIsMenuOpen] = useState(false);

  // The handle that was used goes with its item.
  useEffect(() => {
    if (focusAt.current === null) return;
    list.current?.querySelectorAll<HTMLElement>(":scope > li > .h-handle")[focusAt.current]?.focus();
    focusAt.current = null;
  }, [items]);

  function move(from: number, to: number) {
    if (to < 0 || to >= items.length || from === to) return;
    onChange(moved(items, from, to));
    setTold(t("list.moved", { from: from + 1, to: to + 1 }));
  }

  function remove(at: number) {
    focusAt.current = Math.min(at, items.length - 2);
    onChange(items.filter((_, place) => place !== at));
  }

  function onKeyDown(event: KeyboardEvent, at: number) {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (isMenuOpen) return;
    if (by !== 0) {
      focusAt.current = at + by;
      move(at, at + by);
    } else if ((event.key === "Delete" || event.key === "Backspace") && items.length > least) remove(at);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <ol className="h-ordered" ref={list} aria-label={label}>
        {items.map((item, at) => (
          <li
            key={at}
            className={over === at && dragged !== at ? "is-over" : undefined}
            onDragOver={(event) => {
              if (dragged === null) return;
              event.preventDefault();
              setOver(at);
            }}
            onDrop={(event) => {
              event.preventDefault();
              if (dragged !== null) move(dragged, at);
              setDragged(null);
              setOver(null);
            }}
          >
            {items.length > 1 && (
              <Dropdown
                trigger={["click"]}
                onOpenChange={setIsMenuOpen}
                menu={{
                  items: [
                    { key: "up", icon: <ArrowUpOutlined aria-hidden />, label: t("list.up"), disabled: at === 0 },
                    { key: "down", icon: <ArrowDownOutlined aria-hidden />, label: t("list.down"), disabled: at === items.length - 1 },
                  ],
                  onClick: ({ key }) => {
                    const to = key === "up" ? at - 1 : at + 1;
                    focusAt.current = to;
                    move(at, to);
                  },
                }}
              >
                <Button
                  className="h-handle"
                  size="small"
                  type="text"
                  icon={<HolderOutlined />}
                  aria-label={t("list.move", { at: at + 1 })}
                  title={t("list.moveHelp")}
                  draggable
                  onDragStart={(event) => {
                    event.dataTransfer.effectAllowed = "move";
                    event.dataTransfer.setData("text/plain", String(at));
                    setDragged(at);
                  }}
                  onDragEnd={() => {
                    setDragged(null);
                    setOver(null);
                  }}
                  onKeyDown={(event) => onKeyDown(event, at)}
                />
              </Dropdown>
            )}
            <span className="h-ordered-mark" aria-hidden>{mark(item, at)}</span>
            <div className="h-rule-line h-ordered-body">{children(item, at)}</div>
            {items.length > least && (
              <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("list.remove", { at: at + 1 })} onClick={() => remove(at)} />
            )}
          </li>
        ))}
      </ol>
      <span className="h-heard" role="status">{told}</span>
      <div className="h-rule-line">
        {items.length < most && (
          <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => onChange([...items, fresh()])}>{add}</Button>
        )}
        {more}
      </div>
    </>
  );
}
