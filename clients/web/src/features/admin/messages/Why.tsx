import { useT } from "@belgenet/i18n";
import css from "../shared/List.module.css";
import { readError } from "./state";

/** Why it did not go out, in words where we have them. */
export function Why({ error }: { error: string }) {
  const t = useT();
  const { word, detail } = readError(error);
  if (!word) return <span className={css.sub}>{error}</span>;
  return (
    <span className={css.sub}>
      {t(`admin.mails.sms.error.${word}`)} {detail ? `(${detail})` : null}
    </span>
  );
}
