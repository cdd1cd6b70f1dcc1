import { DatePicker, TimePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useMemo } from "react";

/** What a form hands to its field, so that both may stand in a `Form.Item`. */
interface FieldProps {
  id?: string;
  value?: string | null;
  onChange?: (value: string | undefined) => void;
  onBlur?: () => void;
  className?: string;
  placeholder?: string;
  disabled?: boolean;
  allowClear?: boolean;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: "true" | "false" | boolean;
  "aria-required"?: "true" | "false" | boolean;
}

const single = (found: Dayjs | Dayjs[] | null): Dayjs | null => (Array.isArray(found) ? (found[0] ?? null) : found);

/**
 * The same object for the same text: the picker takes any other one for another value, and forgets what is being typed whenever
 * the page around it is drawn anew.
 */
function useMoment(text: string | null | undefined): Dayjs | null {
  return useMemo(() => (text ? dayjs(text) : null), [text]);
}

/** A day as the API writes it (`2026-01-31`). The browser's own field would speak the language of the browser, not that of the app. */
export function DateField({ value, onChange, min, max, ...rest }: FieldProps & { min?: string; max?: string }) {
  return (
    <DatePicker
      {...rest}
      value={useMoment(value)}
      format="YYYY-MM-DD"
      minDate={useMoment(min) ?? undefined}
      maxDate={useMoment(max) ?? undefined}
      onChange={(day) => onChange?.(single(day)?.format("YYYY-MM-DD"))}
    />
  );
}

/** A moment as the API writes it (`2026-01-31T00:30:00.000Z`), shown in the time of the browser. */
export function MomentField({ value, onChange, ...rest }: FieldProps) {
  return <DatePicker {...rest} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" value={useMoment(value)} onChange={(moment) => onChange?.(single(moment)?.toISOString())} />;
}

/** A time of the day as the API writes it (`08:30`); its end, `24:00`, is shown as midnight. */
export function TimeField({ value, onChange, ...rest }: FieldProps) {
  return (
    <TimePicker
      {...rest}
      value={useMoment(value && `2000-01-01T${value === "24:00" ? "00:00" : value}`)}
      format="HH:mm"
      needConfirm={false}
      onChange={(time) => onChange?.(single(time)?.format("HH:mm"))}
    />
  );
}
