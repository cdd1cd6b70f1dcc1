import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CursorList } from "@/lib/api";
import { DataTable, type Column } from "./DataTable";
import { FilterBar } from "./FilterBar";

interface Row {
  id: string;
}

const columns: Column<Row>[] = [{ key: "id", title: "id", render: (row) => row.id, text: (row) => row.id }];
const list = (more: Partial<CursorList<Row>>): CursorList<Row> => ({
  items: [], isLoading: false, isFetching: false, error: null, hasMore: false, isLoadingMore: false, more: () => undefined, retry: () => undefined, ...more,
});

function table(shown: CursorList<Row>) {
  return <DataTable<Row> name="test" label="rows" list={shown} columns={columns} rowKey={(row) => row.id} empty={<p>none</p>} filters={<input aria-label="search" />} />;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("whoever types into a filter keeps the field while the list is read anew", () => {
  const { rerender } = render(table(list({ items: [{ id: "one" }] })));
  const field = screen.getByLabelText("search");
  field.focus();
  rerender(table(list({ isLoading: true })));
  expect(document.activeElement).toBe(field);
  rerender(table(list({})));
  expect(screen.getByText("none")).toBeTruthy();
  rerender(table(list({ items: [{ id: "two" }] })));
  expect(document.activeElement).toBe(field);
});

test("a short list goes on when somebody scrolls near its end, and not before", () => {
  const more = vi.fn();
  render(table(list({ items: [{ id: "one" }], hasMore: true, more })));
  const scroller = screen.getByRole("region", { name: "rows" });
  Object.defineProperties(scroller, { clientHeight: { value: 500 }, scrollHeight: { value: 2000 } });
  fireEvent.scroll(scroller, { target: { scrollTop: 100 } });
  expect(more).not.toHaveBeenCalled();
  fireEvent.scroll(scroller, { target: { scrollTop: 1300 } });
  expect(more).toHaveBeenCalledOnce();
});

test("what is typed while an earlier text comes back from the address is not lost", () => {
  const onChange = vi.fn();
  const bar = (search: string | undefined) => <FilterBar value={{ search }} onChange={onChange} searchLabel="find" />;
  const { rerender } = render(bar(undefined));
  const field = screen.getByLabelText<HTMLInputElement>("find");
  fireEvent.change(field, { target: { value: "wei" } });
  act(() => void vi.advanceTimersByTime(300));
  expect(onChange).toHaveBeenLastCalledWith({ search: "wei" });
  fireEvent.change(field, { target: { value: "weib" } });
  rerender(bar("wei"));
  expect(field.value).toBe("weib");
  rerender(bar("somebody else's link"));
  expect(field.value).toBe("somebody else's link");
});
