import { LogoutOutlined, MenuFoldOutlined, MenuOutlined, MenuUnfoldOutlined, QuestionCircleOutlined, SearchOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Drawer, Dropdown } from "antd";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { JobsButton } from "@/features/jobs";
import { isApple, useShortcut } from "@/lib/keyboard";
import { renewal } from "@/lib/api";
import { allows, useLogout, useMe } from "@/lib/session";
import { remember, remembered } from "@/lib/storage";
import { LanguageButton, Loading, Mark, ThemeButton, useTellProblem } from "@/ui";
import { Connection } from "./Connection";
import { hasNearer, isShown, type NavigationEntry, type PageEntry } from "./entries";
import "./shell.css";

interface ShellProps {
  navigation: NavigationEntry[];
  /** Other pages that ⌘K finds. */
  pages: readonly PageEntry[];
}

const Palette = lazy(() => import("./Palette").then((module) => ({ default: module.Palette })));
const ShortcutsHelp = lazy(() => import("./ShortcutsHelp").then((module) => ({ default: module.ShortcutsHelp })));

const RenewDialog = lazy(() => import("@/features/session").then((module) => ({ default: module.RenewDialog })));

/** The house around all pages: navigation at the left, workspace and tools at the top. */
export function Shell({ navigation, pages }: ShellProps) {
  const { t } = useTranslation("shell");
  const me = useMe();
  const navigate = useNavigate();
  const [isNarrow, setIsNarrow] = useState<boolean>(() => remembered("navigation.narrow", false));
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const [wasDrawerOpen, setWasDrawerOpen] = useState(false);
  const [isSearching, setIsSearching] = useState(false);
  const [isHelping, setIsHelping] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => setIsDrawerOpen(false), [path]);
  useShortcut("mod+k", useCallback(() => setIsSearching(true), []));
  useShortcut("?", useCallback(() => setIsHelping(true), []));
  useGoTo(navigation);
  const logOut = useLogout();
  const tell = useTellProblem();
  const go = useCallback(
    // What begins with a question mark opens beside the page that is shown.
    (to: string) => void (to.startsWith("?") ? navigate({ to: ".", search: (before) => ({ ...before, jobs: "open" }) }) : navigate({ href: to })),
    [navigate],
  );
  const leave = useCallback(() => void logOut().catch(tell), [logOut, tell]);
  const mustRenew = useSyncExternalStore(renewal.subscribe, renewal.isWanted);

  const entries = navigation.filter((entry) => !entry.area || (me && allows(me.role, entry.area, "read")));
  const list = (
    <nav aria-label={t("navigation")}>
      <ul className="h-nav">
        {entries.filter((entry) => isShown(entry, entries, path)).map((entry) => (
          <li key={entry.to} className={entry.under ? "is-under" : undefined}>
            <Link to={entry.to} activeOptions={{ exact: entry.to === "/" || hasNearer(entry, entries, path) }} className="h-nav-entry" title={isNarrow ? t(entry.labelKey) : undefined}>
              <span className="h-nav-icon" aria-hidden>{entry.icon}</span>
              <span className="h-nav-label">{t(entry.labelKey)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );

  function openDrawer() {
    setWasDrawerOpen(true);
    setIsDrawerOpen(true);
  }

  function setNarrow(value: boolean) {
    remember("navigation.narrow", value);
    setIsNarrow(value);
  }

  return (
    <div className={`h-shell ${isNarrow ? "is-narrow" : ""}`}>
      <a className="h-skip" href="#content">
        {t("skip")}
      </a>
      <aside className="h-side" aria-label={t("product")}>
        <Link to="/" className="h-brand" aria-label={t("product")}>
          <Mark size={32} />
          <span className="h-nav-label">{t("product")}</span>
        </Link>
        {list}
        <Button
          className="h-side-fold"
          type="text"
          icon={isNarrow ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
          aria-label={isNarrow ? t("unfold") : t("fold")}
          onClick={() => setNarrow(!isNarrow)}
        />
      </aside>
      <header className="h-top">
        <Button className="h-top-menu" type="text" icon={<MenuOutlined />} aria-label={t("navigation")} onClick={openDrawer} />
        <span className="h-top-workspace">{me?.workspace.name}</span>
        <button type="button" className="h-top-search" onClick={() => setIsSearching(true)}>
          <SearchOutlined aria-hidden />
          <span>{t("search.open")}</span>
          <kbd aria-hidden>{isApple ? "⌘K" : "Ctrl K"}</kbd>
        </button>
        <div className="h-top-tools">
          <JobsButton />
          <span className="h-wide-only">
            <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t("shortcuts.title")} onClick={() => setIsHelping(true)} />
          </span>
          <LanguageButton />
          <ThemeButton />
          <UserMenu />
        </div>
      </header>
      <main id="content" className="h-content" tabIndex={-1}>
        <Connection />
        <Suspense fallback={<div className="h-page"><Loading /></div>}>
          <Outlet />
        </Suspense>
      </main>
      <Suspense fallback={null}>
        {wasDrawerOpen && (
          <Drawer placement="left" size={280} open={isDrawerOpen} onClose={() => setIsDrawerOpen(false)} title={t("product")} className="h-drawer-nav">
            {list}
          </Drawer>
        )}
        {isSearching && <Palette isOpen onClose={() => setIsSearching(false)} entries={entries} pages={pages} onGo={go} onLogOut={leave} />}
        {isHelping && <ShortcutsHelp isOpen onClose={() => setIsHelping(false)} entries={entries} />}
      </Suspense>
      {mustRenew && (
        <Suspense fallback={null}>
          <RenewDialog />
        </Suspense>
      )}
    </div>
  );
}

function UserMenu() {
  const { t } = useTranslation("shell");
  const me = useMe();
  const logOut = useLogout();
  const navigate = useNavigate();
  const tell = useTellProblem();
  const name = me?.user?.name ?? "";
  return (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      menu={{
        items: [
          {
            key: "who",
            type: "group",
            label: (
              <div>
                <strong>{name}</strong>
                <div>{me?.user?.email}</div>
              </div>
            ),
            children: [
              { key: "account", icon: <UserOutlined />, label: t("user.account") },
              { key: "logout", icon: <LogoutOutlined />, label: t("user.logOut") },
            ],
          },
        ],
        onClick: ({ key }) => {
          if (key === "account") void navigate({ to: "/settings/account" });
          else logOut().catch(tell);
        },
      }}
    >
      <Button type="text" className="h-user" aria-label={t("user.menu", { name })}>
        <span className="h-avatar" aria-hidden>{[...name][0]?.toUpperCase() ?? "·"}</span>
      </Button>
    </Dropdown>
  );
}

const PATIENCE = 1200;

/** `g` and then a letter leads to a page. */
function useGoTo(entries: NavigationEntry[]) {
  const navigate = useNavigate();
  const [isWaiting, setIsWaiting] = useState(false);
  useShortcut("g", useCallback(() => setIsWaiting(true), []));
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setTimeout(() => setIsWaiting(false), PATIENCE);
    function onKey(event: KeyboardEvent) {
      setIsWaiting(false);
      const entry = entries.find((one) => one.shortcut === event.key);
      if (entry) void navigate({ to: entry.to });
    }
    window.addEventListener("keydown", onKey, { once: true });
    return () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", onKey);
    };
  }, [isWaiting, entries, navigate]);
}
