import { useT } from "@belgenet/i18n";

/** What a message is about, and its language. */
export function Kind({ template, locale }: { template: string; locale: string }) {
  const t = useT();
  return (
    <>
      {t(`admin.mails.kind.${template}` as "admin.mails.kind.invitation", { defaultValue: template })} ·{" "}
      {locale.toUpperCase()}
    </>
  );
}
