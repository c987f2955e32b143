import { type AdminConsentTextOut, newKey, publishConsentText } from "@belgenet/api";
import { listConsentTextsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import {
  ConfirmModal,
  DateTime,
  EmptyState,
  ErrorState,
  Page,
  PageHeader,
  RowsSkeleton,
  StatusBadge,
  Surface,
} from "@belgenet/ui";
import { Button, NativeSelect, Stack, Textarea, TextInput, Title } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { useState } from "react";
import { RichText } from "@/shared/RichText";
import css from "../shared/List.module.css";
import { useAction } from "../shared/useAction";
import { useList } from "../shared/useList";

/** Versions of the proxy text. A change is a new version, because donors signed the old one. */
export function ConsentsPage() {
  const t = useT();
  const [writing, setWriting] = useState(false);
  const list = useList<AdminConsentTextOut>(listConsentTextsInfiniteOptions({ query: { limit: 50 } }));
  return (
    <Page title={t("admin.nav.consents")} width="wide">
      <PageHeader
        title={t("admin.nav.consents")}
        intro={t("admin.consents.intro")}
        actions={<Button onClick={() => setWriting(true)}>{t("admin.consents.new")}</Button>}
      />
      {list.rows?.length === 0 ? (
        <EmptyState icon={<IconFileText size={26} stroke={1.6} />} title={t("admin.consents.empty")} />
      ) : null}
      {list.rows ? (
        <Stack gap="lg">
          {list.rows.map((text) => (
            <Version key={text.id} text={text} />
          ))}
        </Stack>
      ) : list.error ? (
        <ErrorState error={list.error} onRetry={list.onRetry} />
      ) : (
        <RowsSkeleton />
      )}
      {list.hasMore ? (
        <Button variant="default" mt="lg" loading={list.busy} onClick={list.onMore}>
          {t("common.more")}
        </Button>
      ) : null}
      {writing ? <NewVersion latest={list.rows ?? []} onClose={() => setWriting(false)} /> : null}
    </Page>
  );
}

function Version({ text }: { text: AdminConsentTextOut }) {
  const t = useT();
  return (
    <Surface as="article" lang={text.locale}>
      <div className={css.head}>
        <div>
          <Title order={2} size="h4">
            {text.title}
          </Title>
          <span className={css.sub}>
            {text.locale.toUpperCase()} · {t("giving.consent.version", { version: text.version })} ·{" "}
            <DateTime value={text.created_at} /> · {t("admin.consents.given", { count: text.consent_count })}
          </span>
        </div>
        {text.current ? <StatusBadge tone="good">{t("admin.consents.current")}</StatusBadge> : null}
      </div>
      <RichText text={text.body} />
    </Surface>
  );
}

function NewVersion({ latest, onClose }: { latest: AdminConsentTextOut[]; onClose: () => void }) {
  const t = useT();
  const [key] = useState(newKey);
  const of = (locale: "tr" | "en") => latest.find((text) => text.locale === locale && text.current);
  const [locale, setLocale] = useState<"tr" | "en">("tr");
  const [title, setTitle] = useState(of("tr")?.title ?? "");
  const [body, setBody] = useState(of("tr")?.body ?? "");
  const publish = useAction({
    run: () =>
      publishConsentText({
        headers: { "Idempotency-Key": key },
        body: { locale, title: title.trim(), body: body.trim() },
      }),
    stale: ["listConsentTexts", "getCampaign"],
    done: () => t("admin.consents.published"),
    after: onClose,
    quiet: true,
  });
  return (
    <ConfirmModal
      opened
      size="lg"
      title={t("admin.consents.new")}
      text={t("admin.consents.newText")}
      confirm={t("admin.campaigns.publish")}
      busy={publish.isPending}
      error={publish.error}
      disabled={title.trim() === "" || body.trim().length < 20}
      onConfirm={() => publish.mutate()}
      onClose={onClose}
    >
      <NativeSelect
        label={t("admin.consents.locale")}
        value={locale}
        data={[
          { value: "tr", label: "Türkçe" },
          { value: "en", label: "English" },
        ]}
        onChange={(event) => {
          const next = event.currentTarget.value as "tr" | "en";
          setLocale(next);
          setTitle(of(next)?.title ?? "");
          setBody(of(next)?.body ?? "");
        }}
      />
      <TextInput
        label={t("admin.consents.title")}
        required
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Textarea
        label={t("admin.consents.body")}
        required
        autosize
        minRows={8}
        maxRows={18}
        value={body}
        onChange={(event) => setBody(event.currentTarget.value)}
      />
    </ConfirmModal>
  );
}
