import { useT } from "@belgenet/i18n";
import { Textarea, TextInput } from "@mantine/core";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";

/** A text per language in a form. */
export interface Both {
  tr: string;
  en: string;
}

export const both = (texts: { [locale: string]: string } | undefined): Both => ({
  tr: texts?.tr ?? "",
  en: texts?.en ?? "",
});

/** Languages without a text are left out; the server then shows the other one. */
export const filled = ({ tr, en }: Both): { tr?: string; en?: string } => ({
  ...(tr.trim() ? { tr: tr.trim() } : {}),
  ...(en.trim() ? { en: en.trim() } : {}),
});

interface Props<T extends FieldValues> {
  form: UseFormReturn<T>;
  name: string;
  label: string;
  description?: string;
  rows?: number;
  required?: boolean;
}

/** The same text in Turkish and English, side by side. */
export function BothLanguages<T extends FieldValues>({
  form,
  name,
  label,
  description,
  rows,
  required,
}: Props<T>) {
  const t = useT();
  return (["tr", "en"] as const).map((locale) => {
    const path = `${name}.${locale}` as FieldPath<T>;
    const common = {
      label: `${label} (${t(`admin.texts.${locale}`)})`,
      description,
      lang: locale,
      required: required && locale === "tr",
      error: form.getFieldState(path, form.formState).error?.message,
      ...form.register(path),
    };
    return rows ? (
      <Textarea key={locale} autosize minRows={rows} maxRows={16} {...common} />
    ) : (
      <TextInput key={locale} {...common} />
    );
  });
}
