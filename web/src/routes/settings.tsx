import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { textSearch } from "./search";
import { settingsPages } from "./settings-pages";
import { shellRoute } from "./root";
import { createElement, lazy } from "react";
import { allows, meQuery } from "@/lib/session";

const SettingsLayout = lazy(() => import("@/features/settings").then((module) => ({ default: module.SettingsLayout })));

const layout = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: () => createElement(SettingsLayout, { pages: settingsPages }),
});

const index = createRoute({
  getParentRoute: () => layout,
  path: "/",
  // Whoever may not look at the workspace's settings still has an account.
  beforeLoad: async ({ context }) => {
    const me = await context.queries.ensureQueryData(meQuery);
    throw redirect({ to: allows(me.role, "settings", "read") ? "/settings/workspace" : "/settings/account", replace: true });
  },
});

const workspace = createRoute({
  getParentRoute: () => layout,
  path: "workspace",
  component: lazyRouteComponent(() => import("@/features/settings"), "WorkspacePage"),
});

const account = createRoute({
  getParentRoute: () => layout,
  path: "account",
  component: lazyRouteComponent(() => import("@/features/settings"), "AccountPage"),
});

const users = createRoute({
  getParentRoute: () => layout,
  path: "users",
  component: lazyRouteComponent(() => import("@/features/users"), "UsersPage"),
});

const keys = createRoute({
  getParentRoute: () => layout,
  path: "keys",
  component: lazyRouteComponent(() => import("@/features/keys"), "KeysPage"),
});

const channels = createRoute({
  getParentRoute: () => layout,
  path: "channels",
  component: lazyRouteComponent(() => import("@/features/channels"), "ChannelsPage"),
});

const health = createRoute({
  getParentRoute: () => layout,
  path: "health",
  validateSearch: textSearch("tab", "code"),
  component: lazyRouteComponent(() => import("@/features/health"), "HealthPage"),
});

const topics = createRoute({
  getParentRoute: () => layout,
  path: "topics",
  component: lazyRouteComponent(() => import("@/features/topics"), "TopicsPage"),
});

const policy = createRoute({
  getParentRoute: () => layout,
  path: "policy",
  component: lazyRouteComponent(() => import("@/features/outbox"), "PolicyPage"),
});

const audit = createRoute({
  getParentRoute: () => layout,
  path: "audit",
  validateSearch: textSearch("actor", "action", "target", "from", "to"),
  component: lazyRouteComponent(() => import("@/features/audit"), "AuditPage"),
});

const tags = createRoute({
  getParentRoute: () => layout,
  path: "tags",
  component: lazyRouteComponent(() => import("@/features/tags"), "TagsPage"),
});

const retention = createRoute({
  getParentRoute: () => layout,
  path: "retention",
  component: lazyRouteComponent(() => import("@/features/retention"), "RetentionPage"),
});

const stages = createRoute({
  getParentRoute: () => layout,
  path: "stages",
  component: lazyRouteComponent(() => import("@/features/stages"), "StagesPage"),
});

const traits = createRoute({
  getParentRoute: () => layout,
  path: "traits",
  component: lazyRouteComponent(() => import("@/features/traits"), "TraitsPage"),
});

export const settingsRoute = layout.addChildren([index, workspace, users, keys, account, channels, topics, policy, tags, stages, traits, retention, audit, health]);
