import { useT } from "@belgenet/i18n";
import { Surface } from "@belgenet/ui";
import { Alert, Checkbox } from "@mantine/core";
import { useState } from "react";
import { RichText } from "@/shared/RichText";
import css from "./Consent.module.css";
import { StepFrame } from "./StepFrame";
import type { StepProps } from "./types";

/** The proxy text, read and accepted. The accepted version and hash go with the order. */
export function ConsentStep({ campaign, draft, patch, go }: StepProps) {
  const t = useT();
  const text = campaign.consent_text;
  const [missing, setMissing] = useState(false);
  const accepted = text !== null && draft.accepted?.sha256 === text.sha256;
  return (
    <StepFrame
      title={t("giving.consent.title")}
      intro={t("giving.consent.intro")}
      onBack={() => go("names")}
      disabled={!text}
      onSubmit={(event) => {
        event.preventDefault();
        if (accepted) go("contact");
        else setMissing(true);
      }}
    >
      {text ? (
        <>
          <Surface as="article" className={css.text} tabIndex={0} aria-label={text.title} lang={text.locale}>
            <h2>{text.title}</h2>
            <RichText text={text.body} />
          </Surface>
          <p className={css.version}>
            {t("giving.consent.version", { version: text.version })} · {t("giving.consent.fingerprint")}:{" "}
            <code title={text.sha256}>{text.sha256.slice(0, 16)}</code>
          </p>
          <Checkbox
            size="md"
            className={css.accept}
            label={t("giving.consent.accept")}
            description={t("giving.consent.record")}
            checked={accepted}
            error={missing && !accepted ? t("giving.consent.must") : undefined}
            onChange={(event) => {
              setMissing(false);
              patch({
                accepted: event.currentTarget.checked ? { text_id: text.id, sha256: text.sha256 } : null,
              });
            }}
          />
        </>
      ) : (
        <Alert color="yellow" mt="lg" title={t("giving.consent.missing")} />
      )}
    </StepFrame>
  );
}
