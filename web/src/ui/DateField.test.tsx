import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { DateField, TimeField } from "./DateField";

function type(label: string, text: string, meanwhile?: () => void) {
  const field = screen.getByLabelText(label);
  fireEvent.mouseDown(field);
  fireEvent.focus(field);
  fireEvent.change(field, { target: { value: text } });
  meanwhile?.();
  fireEvent.keyDown(field, { key: "Enter", code: "Enter" });
}

test("A typed day is handed on as the API writes it", () => {
  const onChange = vi.fn();
  render(<DateField aria-label="day" value="2026-01-05" onChange={onChange} />);
  expect(screen.getByLabelText<HTMLInputElement>("day").value).toBe("2026-01-05");
  type("day", "2026-01-31");
  expect(onChange).toHaveBeenLastCalledWith("2026-01-31");
});

test("What is being typed outlives that the page is drawn anew", () => {
  const onChange = vi.fn();
  const day = () => <DateField aria-label="day" value="2026-01-05" min="2026-01-01" max="2026-02-01" onChange={onChange} />;
  const time = () => <TimeField aria-label="time" value="08:00" onChange={onChange} />;
  const { rerender } = render(day());
  type("day", "2026-01-31", () => rerender(day()));
  expect(onChange).toHaveBeenLastCalledWith("2026-01-31");
  rerender(time());
  type("time", "09:30", () => rerender(time()));
  expect(onChange).toHaveBeenLastCalledWith("09:30");
});

test("A day after the last one is refused", () => {
  const onChange = vi.fn();
  render(<DateField aria-label="day" value={undefined} max="2026-01-05" onChange={onChange} />);
  type("day", "2026-01-31");
  expect(onChange).not.toHaveBeenCalled();
});

test("A typed time is handed on as the API writes it, and the end of a day is shown", () => {
  const onChange = vi.fn();
  render(<TimeField aria-label="time" value="24:00" onChange={onChange} />);
  expect(screen.getByLabelText<HTMLInputElement>("time").value).toBe("00:00");
  type("time", "08:30");
  expect(onChange).toHaveBeenLastCalledWith("08:30");
});
