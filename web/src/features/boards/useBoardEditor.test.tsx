import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import { App } from "antd";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Board, BoardCard } from "./api";
import { both, placed } from "./cards";
import { bodyOfDraft, useBoardEditor } from "./useBoardEditor";

vi.mock("react-i18next", async (original) => ({ ...(await original<object>()), useTranslation: () => ({ t: (key: string) => key, i18n: { exists: () => false, language: "en" } }) }));

interface Asked {
  method: string;
  body: (Partial<Board> & { version: number }) | null;
  answer: (status: number, body: unknown) => Promise<void>;
}

let asked: Asked[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const body = request.method === "GET" ? null : ((await request.clone().json()) as Asked["body"]);
    return new Promise<Response>((resolve) => {
      asked.push({
        method: request.method, body,
        answer: async (status, reply) => {
          await act(async () => resolve(new Response(JSON.stringify(reply), { status, headers: { "content-type": "application/json" } })));
        },
      });
    });
  });
});

const card = (title: string): BoardCard => ({ title, kind: "lifecycle", question: { event: null }, view: "bar", width: 1 });
const board = (version: number, ...titles: string[]): Board => ({ id: "brd_1", version, name: "x", period: null, updated_at: "2026-11-20T08:00:00.000Z", cards: titles.map(card) });

function edit(first: Board) {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <App>{children}</App>
    </QueryClientProvider>
  );
  const hook = renderHook(({ shown }) => useBoardEditor(shown), { wrapper, initialProps: { shown: first } });
  const editor = () => hook.result.current;
  return {
    editor,
    titles: () => bodyOfDraft(editor().draft).cards.map((one) => one.title),
    show: (shown: Board) => hook.rerender({ shown }),
    add: (title: string) => act(async () => editor().change((draft) => ({ ...draft, cards: [...draft.cards, placed(card(title))] }))),
    asks: (count: number) => vi.waitFor(() => expect(asked).toHaveLength(count)),
  };
}

const sent = (at: number) => ({ version: asked[at]?.body?.version, titles: asked[at]?.body?.cards?.map((one) => one.title) });

describe("a board that saves itself", () => {
  test("sends quick changes one after the other, each over the version before", async () => {
    const { editor, add, asks } = edit(board(1));
    await add("a");
    await asks(1);
    await add("b");
    await add("c");
    expect(asked).toHaveLength(1);
    await asked[0]?.answer(200, board(2, "a"));
    await asks(2);
    expect(sent(1)).toEqual({ version: 2, titles: ["a", "b", "c"] });
    await asked[1]?.answer(200, board(3, "a", "b", "c"));
    expect(editor().state).toBe("saved");
  });

  test("stops where somebody else has saved, and goes on over that once it is decided", async () => {
    const { editor, add, asks, titles } = edit(board(1));
    await add("mine");
    await asks(1);
    await asked[0]?.answer(409, { code: "version_conflict", title: "conflict" });
    await asks(2);
    await asked[1]?.answer(200, board(5, "theirs"));
    expect(editor().state).toBe("unsaved");
    expect(editor().conflict?.version).toBe(5);
    await act(async () => editor().resolve(both(bodyOfDraft(editor().draft), board(5, "theirs"))));
    await asks(3);
    expect(sent(2)).toEqual({ version: 5, titles: ["theirs", "mine"] });
    expect(titles()).toEqual(["theirs", "mine"]);
    expect(editor().conflict).toBeNull();
  });

  test("takes theirs without saving anything", async () => {
    const { editor, add, asks, titles } = edit(board(1, "old"));
    await add("mine");
    await asks(1);
    await asked[0]?.answer(409, { code: "version_conflict", title: "conflict" });
    await asks(2);
    await asked[1]?.answer(200, board(5, "theirs"));
    await act(async () => editor().resolve(null));
    expect(titles()).toEqual(["theirs"]);
    expect(editor().state).toBe("saved");
    expect(asked).toHaveLength(2);
  });

  test("keeps what was not saved, against what others bring in, and can try again", async () => {
    const { editor, add, asks, show, titles } = edit(board(1));
    await add("mine");
    await asks(1);
    await asked[0]?.answer(500, { code: "internal", title: "broken" });
    expect(editor().state).toBe("unsaved");
    show(board(2, "theirs"));
    expect(titles()).toEqual(["mine"]);
    await act(async () => editor().retry());
    await asks(2);
    expect(sent(1)).toEqual({ version: 1, titles: ["mine"] });
  });

  test("shows what others have saved while nothing of one's own is under way", async () => {
    const { show, titles } = edit(board(1, "old"));
    show(board(2, "old", "new"));
    expect(titles()).toEqual(["old", "new"]);
  });
});
