import { DatePicker, TimePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";

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

/** A day as the API writes it (`2026-01-31`). The browser's own field would speak the language of the browser, not that of the app. */
export function DateField({ value, onChange, min, max, ...rest }: FieldProps & { min?: string; max?: string }) {
  return (
    <DatePicker
      {...rest}
      value={value ? dayjs(value) : null}
      format="YYYY-MM-DD"
      minDate={min ? dayjs(min) : undefined}
      maxDate={max ? dayjs(max) : undefined}
      onChange={(day) => onChange?.(single(day)?.format("YYYY-MM-DD"))}
    />
  );
}

/** A time of the day as the API writes it (`08:30`); its end, `24:00`, is shown as midnight. */
export function TimeField({ value, onChange, ...rest }: FieldProps) {
  return (
    <TimePicker
      {...rest}
      value={value ? dayjs(`2000-01-01T${value === "24:00" ? "00:00" : value}`) : null}
      format="HH:mm"
      needConfirm={false}
      onChange={(time) => onChange?.(single(time)?.format("HH:mm"))}
    />
  );
}
