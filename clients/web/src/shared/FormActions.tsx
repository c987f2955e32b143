import { useT } from "@belgenet/i18n";
import { Button } from "@mantine/core";
import css from "./FormActions.module.css";

interface Props {
  submit: string;
  back?: () => void;
  busy?: boolean;
  disabled?: boolean;
}

/** The buttons below a form: back on the left, on on the right; alone, and on a phone, the submit fills the row. */
export function FormActions({ submit, back, busy, disabled }: Props) {
  const t = useT();
  return (
    <div className={css.actions} data-alone={!back || undefined}>
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
