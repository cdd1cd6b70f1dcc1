import { expect, test } from "vitest";
import { laidOut, placeOf, readObject } from "./place";
import { sizeOf } from "./words";

const record = '{\n  "event": "Order Completed",\n  "note": "timestamp: later",\n  "timestamp": "gestern",\n  "properties": { "price": "12" }\n}';

test("what is wrong is shown at the field that the problem begins with", () => {
  const marked = (problem: string) => {
    const place = placeOf(record, problem);
    return place && record.slice(place.from, place.to);
  };
  expect(marked("timestamp is neither an RFC 3339 text nor a number")).toBe('"timestamp"');
  expect(placeOf(record, "timestamp is wrong")?.from).toBe(record.indexOf('"timestamp": "g'));
  expect(marked("properties.price is not a number")).toBe('"price"');
  expect(marked("both userId and anonymousId are missing")).toBeNull();
  expect(marked("price[2]: too long")).toBe('"price"');
});

test("a record that is no JSON is shown as it came, and cannot be sent as corrected", () => {
  expect(laidOut('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(laidOut("{broken")).toBe("{broken");
  expect(readObject("{broken")).toBeNull();
  expect(readObject("[1]")).toBeNull();
  expect(readObject('{"a":1}')).toEqual({ a: 1 });
});

test("sizes are said in units that people know", () => {
  expect(sizeOf(999, "en")).toBe("999 bytes");
  expect(sizeOf(1_500, "en")).toBe("1.5 kB");
  expect(sizeOf(23_400_000_000, "en")).toBe("23 GB");
});
