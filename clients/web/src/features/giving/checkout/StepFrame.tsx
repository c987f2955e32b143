import { useT } from "@belgenet/i18n";
import { Title } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { FormActions } from "@/shared/FormActions";
import css from "./Checkout.module.css";

interface Props {
  title: string;
  intro?: string;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  onBack?: () => void;
  submit?: string;
  busy?: boolean;
  disabled?: boolean;
  children: ReactNode;
}

/** Heading, form and the two buttons that every step has. */
export function StepFrame({ title, intro, onSubmit, onBack, submit, busy, disabled, children }: Props) {
  const t = useT();
  return (
    <form onSubmit={onSubmit} noValidate>
      <Title order={1} size="h2" tabIndex={-1}>
        {title}
      </Title>
      {intro ? <p className={css.lead}>{intro}</p> : null}
      {children}
      <div className={css.actions}>
        <FormActions submit={submit ?? t("common.continue")} back={onBack} busy={busy} disabled={disabled} />
      </div>
    </form>
  );
}
