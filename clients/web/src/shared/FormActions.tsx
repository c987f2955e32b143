import { useT } from "@belgenet/i18n";
import { Button } from "@mantine/core";
import css from "./FormActions.module.css";

interface Props {
  submit: string;
  back?: () => void;
  busy?: boolean;
  disabled?: boolean;
  /** A submit that fills the row, as in a narrow card. */
  wide?: boolean;
}

/** The buttons below a form: back on the left, the submit on the right; on a phone the submit takes what is left. */
export function FormActions({ submit, back, busy, disabled, wide }: Props) {
  const t = useT();
  return (
    <div className={css.actions} data-wide={wide || undefined}>
      {back ? (
        <Button variant="default" onClick={back}>
          {t("common.back")}
        </Button>
      ) : null}
      <Button type="submit" loading={busy} disabled={disabled} className={css.submit}>
        {submit}
      </Button>
    </div>
  );
}
