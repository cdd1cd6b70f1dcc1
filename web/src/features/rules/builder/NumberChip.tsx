import { InputNumber } from "antd";
import { useChips } from "./editor";

interface NumberChipProps {
  label: string;
  value: unknown;
  onChange: (value: number | null) => void;
  min?: number;
  isWhole?: boolean;
  status?: "error";
}

/** A number in the sentence, as wide as it needs to be. */
export function NumberChip({ label, value, onChange, min, isWhole, status }: NumberChipProps) {
  const { isDisabled } = useChips();
  const number = typeof value === "number" ? value : null;
  const width = Math.max(String(number ?? "").length, 1) + 4;
  return (
    <InputNumber
      className="h-chip is-number"
      size="small"
      variant="filled"
      controls={false}
      aria-label={label}
      value={number}
      min={min}
      precision={isWhole ? 0 : undefined}
      status={status}
      disabled={isDisabled}
      style={{ width: `${width}ch` }}
      onChange={(next) => onChange(next === null ? null : Number(next))}
    />
  );
}
