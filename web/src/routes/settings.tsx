import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { settingsPages } from "./settings-pages";
import { shellRoute } from "./root";
import { createElement, lazy } from "react";

const SettingsLayout = lazy(() => import("@/features/settings").then((module) => ({ default: module.SettingsLayout })));

const layout = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: () => createElement(SettingsLayout, { pages: settingsPages }),
});

const index = createRoute({
  getParentRoute: () => layout,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/workspace", replace: true });
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

export const settingsRoute = layout.addChildren([index, workspace, users, keys, account]);
