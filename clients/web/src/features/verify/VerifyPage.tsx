import { useT } from "@belgenet/i18n";
import { ErrorState, Page, PageHeader, Surface, Waiting } from "@belgenet/ui";
import { Button, Text, TextInput, Title } from "@mantine/core";
import { IconScan } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation, useNavigate, useParams } from "react-router";
import { isMissing } from "@/shared/errors";
import { verificationQuery } from "./api";
import { readCode } from "./code";
import { checkStatement, readStatement } from "./qrSignature";
import { VerificationResult } from "./VerificationResult";
import css from "./Verify.module.css";

/** Public check of a certificate, by QR code, link or a code typed by hand. */
export function VerifyPage() {
  const t = useT();
  const { code = "" } = useParams();
  const { hash } = useLocation();
  const statement = readStatement(code, hash);
  const { data, error, isFetching, refetch } = useQuery({
    ...verificationQuery({ path: { code } }),
    enabled: code !== "",
    retry: 1,
    staleTime: 0,
  });
  const { data: signature = "unchecked" } = useQuery({
    queryKey: [{ _id: "qrSignature", code, hash }],
    queryFn: () => (statement ? checkStatement(statement) : "unchecked"),
    enabled: statement !== null,
  });
  const unknown = isMissing(error) || (error as { status?: number } | null)?.status === 400;
  return (
    <Page title={t("certificates.verify.title")}>
      <PageHeader
        title={t("certificates.verify.title")}
        intro={code ? undefined : t("certificates.verify.intro")}
      />
      <div className={css.layout}>
        <div aria-live="polite" aria-busy={isFetching}>
          {code === "" ? <CodeForm /> : null}
          {code !== "" && data ? (
            <VerificationResult result={data} code={code} signature={statement ? signature : "unchecked"} />
          ) : null}
          {code !== "" && !data && unknown ? (
            <VerificationResult result={{ status: "unknown" }} code={code} signature="unchecked" />
          ) : null}
          {code !== "" && !data && error && !unknown ? (
            <ErrorState error={error} onRetry={() => void refetch()} />
          ) : null}
          {code !== "" && !data && !error ? (
            <Waiting>
              <Text>{t("certificates.verify.checking")}</Text>
            </Waiting>
          ) : null}
        </div>
        <aside className={css.aside}>
          {code === "" ? null : (
            <Surface>
              <Title order={2} size="h4" mb="sm">
                {t("certificates.verify.another")}
              </Title>
              <CodeForm />
            </Surface>
          )}
          <div className={css.how}>
            <IconScan size={24} stroke={1.5} aria-hidden />
            <div>
              <Title order={2} size="h4">
                {t("certificates.verify.how")}
              </Title>
              <p>{t("certificates.verify.howText")}</p>
            </div>
          </div>
        </aside>
      </div>
    </Page>
  );
}

function CodeForm() {
  const t = useT();
  const navigate = useNavigate();
  const [value, setValue] = useState("");
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const code = readCode(value);
    setMissing(code === "");
    if (code !== "") void navigate(`/verify/${encodeURIComponent(code)}`);
  };
  return (
    <form onSubmit={submit} noValidate className={css.form}>
      <TextInput
        label={t("certificates.verify.label")}
        placeholder={t("certificates.verify.placeholder")}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        error={missing ? t("certificates.verify.required") : undefined}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={600}
        className={css.input}
      />
      <Button type="submit">{t("certificates.verify.submit")}</Button>
    </form>
  );
}
