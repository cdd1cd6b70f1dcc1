import { useEffect, useRef, useState, type PointerEvent, type RefObject } from "react";
import { placeAfterDrop } from "./cards";

/** Where a card would come that is let go now. */
export interface Drop {
  from: number;
  over: number;
  isBehind: boolean;
}

const EDGE = 72;
const STEP = 14;

/** The card under the pointer, and at which of its ends: of two that stand side by side left and right count, else above and below. */
function dropAt(list: HTMLElement, from: number, x: number, y: number): Drop | null {
  const cards = [...list.children] as HTMLElement[];
  const over = cards.findIndex((card) => {
    const box = card.getBoundingClientRect();
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  });
  const box = cards[over]?.getBoundingClientRect();
  if (!box || over === from) return null;
  const isSide = box.width < list.clientWidth * 0.75;
  const isBehind = isSide ? x > box.left + box.width / 2 : y > box.top + box.height / 2;
  return placeAfterDrop(from, over, isBehind) === from ? null : { from, over, isBehind };
}

/** Drags a card by its handle, with the mouse or a finger. Esc lets it fall back; near an edge the page moves on. */
export function useDrag(list: RefObject<HTMLElement | null>, onDrop: (from: number, to: number) => void) {
  const [drop, setDrop] = useState<Drop | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const pointer = useRef({ x: 0, y: 0 });
  const dropNow = useRef<Drop | null>(null);
  dropNow.current = drop;

  useEffect(() => {
    if (dragged === null) return;
    let frame = 0;
    function follow() {
      const { x, y } = pointer.current;
      if (y < EDGE) window.scrollBy(0, -STEP);
      else if (y > window.innerHeight - EDGE) window.scrollBy(0, STEP);
      if (list.current && dragged !== null) {
        const next = dropAt(list.current, dragged, x, y);
        if (JSON.stringify(next) !== JSON.stringify(dropNow.current)) setDrop(next);
      }
      frame = requestAnimationFrame(follow);
    }
    function end() {
      setDragged(null);
      setDrop(null);
    }
    function onMove(event: globalThis.PointerEvent) {
      pointer.current = { x: event.clientX, y: event.clientY };
    }
    function onUp() {
      const last = dropNow.current;
      end();
      if (last) onDrop(last.from, placeAfterDrop(last.from, last.over, last.isBehind));
    }
    function onKey(event: KeyboardEvent) {
      if (event.key === "Escape") end();
    }
    frame = requestAnimationFrame(follow);
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", end);
    window.addEventListener("keydown", onKey);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", onUp);
      window.removeEventListener("pointercancel", end);
      window.removeEventListener("keydown", onKey);
    };
  }, [dragged, list, onDrop]);

  function start(event: PointerEvent, at: number) {
    if (event.button !== 0) return;
    event.preventDefault();
    (event.currentTarget as HTMLElement).focus();
    pointer.current = { x: event.clientX, y: event.clientY };
    setDragged(at);
  }

  return { dragged, drop, start };
}
