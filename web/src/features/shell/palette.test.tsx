import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { matching, type Command } from "./commands";
import { Palette } from "./Palette";

const ask = vi.hoisted(() => vi.fn());
vi.mock("@/lib/api", async (original) => ({ ...(await original<object>()), ask }));
vi.mock("@/lib/places", () => ({ usePlaces: () => (id: string) => `/members/${id}`, useFirstPlace: () => (...routes: string[]) => routes[0] }));
vi.mock("@/lib/session", () => ({ useMe: () => ({ role: "viewer" }), allows: () => false }));
vi.mock("react-i18next", () => ({
  useTranslation: () => ({ t: (key: string, values?: { text?: string }) => (values?.text ? `${key} ${values.text}` : key), i18n: { language: "en", exists: () => true } }),
  initReactI18next: { type: "3rdParty", init: () => undefined },
}));

const onGo = vi.fn();
beforeEach(() => {
  ask.mockReset();
  onGo.mockReset();
});

function open() {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <Palette isOpen onClose={() => undefined} entries={[]} pages={[{ to: "/settings/account", labelKey: "My account" }]} onGo={onGo} onLogOut={() => undefined} />
    </QueryClientProvider>,
  );
  return screen.getByRole("combobox");
}

test("a member is found by his number, and Enter leads to him", async () => {
  ask.mockResolvedValue({ groups: [{ kind: "members", more: false, complete: true, items: [{ id: "mem_1", name: "<b>Zhang Wei</b>", hint: "13800000001", why: "phone" }] }] });
  const field = open();
  fireEvent.change(field, { target: { value: "138" } });
  expect(await screen.findByText("<b>Zhang Wei</b>")).toBeTruthy();
  expect(ask).toHaveBeenCalledWith("GET", "/api/v1/search", expect.objectContaining({ query: { q: "138", limit: 5 } }));
  fireEvent.keyDown(field, { key: "Enter" });
  expect(onGo).toHaveBeenCalledWith("/members/mem_1");
});

test("when not all members were looked through, the list goes on from here", async () => {
  ask.mockResolvedValue({ groups: [{ kind: "members", more: false, complete: false, items: [] }] });
  const field = open();
  fireEvent.change(field, { target: { value: "a b" } });
  fireEvent.click(await screen.findByText("search.allMembers a b"));
  expect(onGo).toHaveBeenCalledWith("/members?search=a%20b");
});

test("a search that fails leaves pages and actions", async () => {
  ask.mockRejectedValue(new Error("down"));
  const field = open();
  fireEvent.change(field, { target: { value: "account" } });
  await waitFor(() => expect(screen.getByText("search.failed")).toBeTruthy());
  expect(screen.getByText("My account")).toBeTruthy();
});

test("words may stand in any order", () => {
  const command = (title: string): Command => ({ key: title, title, run: () => undefined });
  expect(matching([command("New segment"), command("New journey")], "seg new").map((one) => one.title)).toEqual(["New segment"]);
});
