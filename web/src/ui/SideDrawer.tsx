import { Drawer } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useRef, useState, type ReactNode } from "react";

/**
 * Whether a drawer is open, and about what, kept in the address (`?open=key_…`), so that a link leads to it and the back
 * button closes it.
 */
export function useUrlDrawer(name = "open"): { value: string | undefined; open: (value: string) => void; close: () => void } {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const value = typeof search[name] === "string" ? (search[name] as string) : undefined;
  const go = useCallback(
    (next: string | undefined) =>
      void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, [name]: next }), resetScroll: false }),
    [navigate, name],
  );
  return { value, open: useCallback((next: string) => go(next), [go]), close: useCallback(() => go(undefined), [go]) };
}

interface SideDrawerProps {
  title: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  /** Width on a wide screen; a phone gives it all it has. */
  width?: number;
  footer?: ReactNode;
  children: ReactNode;
}

export function SideDrawer({ title, isOpen, onClose, width = 480, footer, children }: SideDrawerProps) {
  // A drawer that nobody has opened yet costs a page's first paint as much as one that is shown.
  const [wasOpen, setWasOpen] = useState(isOpen);
  if (isOpen && !wasOpen) setWasOpen(true);
  // Where somebody was when it opened: there he goes on afterwards. The drawer takes the focus before any effect could look.
  const opener = useRef<Element | null>(null);
  const isKnown = useRef(false);
  if (isOpen && !isKnown.current) opener.current = document.activeElement;
  isKnown.current = isOpen;
  function goBack() {
    const now = document.activeElement;
    const isLost = !now || now === document.body || now.closest(".ant-drawer") !== null;
    if (isLost && opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
  }
  if (!wasOpen) return null;
  return (
    <Drawer
      title={title}
      open={isOpen}
      onClose={onClose}
      afterOpenChange={(open) => !open && goBack()}
      size={Math.min(width, window.innerWidth)}
      footer={footer}
      destroyOnHidden
    >
      {children}
    </Drawer>
  );
}
