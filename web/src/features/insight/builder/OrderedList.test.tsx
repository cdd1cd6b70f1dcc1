import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { OrderedList } from "./OrderedList";

function Steps({ first }: { first: string[] }) {
  const [items, setItems] = useState(first);
  return (
    <OrderedList items={items} onChange={setItems} label="steps" mark={(_, at) => at + 1} most={4} add="add" fresh={() => "new"}>
      {(item) => <span data-testid="item">{item}</span>}
    </OrderedList>
  );
}

const shown = () => screen.getAllByTestId("item").map((item) => item.textContent);
// By roles it would take seconds: jsdom works out the style of everything for each name.
const handles = () => [...document.querySelectorAll<HTMLElement>(".h-handle")];

test("the arrow keys move a step, and the focus goes with it", async () => {
  const user = userEvent.setup();
  render(<Steps first={["a", "b", "c"]} />);
  handles()[0]?.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(shown()).toEqual(["b", "c", "a"]);
  expect(document.activeElement).toBe(handles()[2]);
  await user.keyboard("{ArrowUp}");
  expect(shown()).toEqual(["b", "a", "c"]);
  expect(document.activeElement).toBe(handles()[1]);
});

test("steps are removed by a key, and the last one stays", async () => {
  const user = userEvent.setup();
  render(<Steps first={["a", "b"]} />);
  handles()[0]?.focus();
  await user.keyboard("{Delete}");
  expect(shown()).toEqual(["b"]);
  expect(screen.queryByLabelText(/list\.remove/)).toBeNull();
});

test("no more steps are offered than there may be", async () => {
  const user = userEvent.setup();
  render(<Steps first={["a", "b", "c"]} />);
  await user.click(screen.getByText("add"));
  expect(shown()).toEqual(["a", "b", "c", "new"]);
  expect(screen.queryByText("add")).toBeNull();
});

test("a finger moves a step by the menu of its handle", async () => {
  const user = userEvent.setup();
  render(<Steps first={["a", "b"]} />);
  await user.click(handles()[1]!);
  await user.click(await screen.findByText("list.up"));
  expect(shown()).toEqual(["b", "a"]);
});
