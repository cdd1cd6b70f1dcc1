import { Select } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { memberName, useNames } from "@/lib/names";
import { MemberChip } from "./MemberChip";
import { findMembers, type Member } from "./search";

interface MemberPickerProps {
  /** `mem_…`; Form.Item sets it. */
  value?: string | null;
  onChange?: (id: string | undefined, member?: Member) => void;
  /** Who cannot be chosen, such as the member whom the choice is for. */
  without?: readonly string[];
  placeholder?: string;
  id?: string;
  "aria-label"?: string;
  autoFocus?: boolean;
  allowClear?: boolean;
  disabled?: boolean;
}

interface MemberOption {
  value: string;
  label: string;
  member?: Member;
}

const PAUSE = 250;
const SHOWN = 10;

/** Chooses a member by any identity or trait; before anything is typed it offers the newest. */
export function MemberPicker({ value, onChange, without = [], placeholder, allowClear = true, ...rest }: MemberPickerProps) {
  const { t } = useTranslation("members");
  const [text, setText] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  const wanted = usePaused(text.trim());
  const found = useQuery({
    queryKey: ["members", "picker", wanted],
    enabled: isOpen,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => findMembers(wanted, SHOWN + without.length, signal),
  });
  const members = (found.data ?? []).filter((member) => !without.includes(member.id)).slice(0, SHOWN);
  const chosen = useNames(value ? [value] : []).get(value ?? "");
  const options = members.map((member): MemberOption => ({ value: member.id, label: memberName(member).name, member }));
  if (value && !options.some((option) => option.value === value)) {
    options.push({ value, label: chosen?.name ?? value });
  }
  const isWaiting = found.isFetching || wanted !== text.trim();
  return (
    <Select
      {...rest}
      className="h-member-picker"
      showSearch={{ filterOption: false, onSearch: setText, searchValue: text }}
      allowClear={allowClear}
      placeholder={placeholder ?? t("picker.placeholder")}
      value={value ?? undefined}
      options={options}
      optionRender={({ data }) =>
        data.member ? <MemberChip id={data.value} {...memberName(data.member)} isTall isPlain /> : <MemberChip id={data.value} isTall isPlain />
      }
      loading={isWaiting && isOpen}
      notFoundContent={<span className="h-quiet">{isWaiting ? t("ui:loading") : found.isError ? t("picker.failed") : t("picker.none")}</span>}
      onOpenChange={setIsOpen}
      onChange={(next: string | undefined, option) => {
        setText("");
        const one = Array.isArray(option) ? option[0] : option;
        onChange?.(next, one?.member);
      }}
    />
  );
}

function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
