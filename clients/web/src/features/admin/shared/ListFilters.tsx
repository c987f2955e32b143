import { useT } from "@belgenet/i18n";
import { CloseButton, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import css from "./List.module.css";

interface SearchProps {
  value: string;
  hint: string;
  onChange: (value: string) => void;
}

/** Search box that asks the server once typing pauses. */
export function SearchBox({ value, hint, onChange }: SearchProps) {
  const t = useT();
  const [text, setText] = useState(value);
  const send = useDebouncedCallback(onChange, 300);
  const change = (next: string): void => {
    setText(next);
    send(next.trim());
  };
  return (
    <TextInput
      type="search"
      className={css.search}
      label={t("admin.list.search")}
      placeholder={hint}
      leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />}
      rightSection={text ? <CloseButton aria-label={t("common.clear")} onClick={() => change("")} /> : null}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      // Whoever goes on to a row must not be called back by a search that is still waiting.
      onBlur={() => send.flush()}
    />
  );
}

export function FilterSelect({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}) {
  const t = useT();
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[{ value: "", label: t("common.all") }, ...options]}
    />
  );
}

export function Filters({ children }: { children: ReactNode }) {
  return <div className={css.filters}>{children}</div>;
}
