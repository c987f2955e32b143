import {
  changeCertificateTemplate,
  ifMatch,
  previewCertificateTemplate,
  type TemplateDetailOut,
} from "@belgenet/api";
import { getCertificateTemplateOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { ConfirmModal, FormError, Page, PageHeader, Surface } from "@belgenet/ui";
import { Anchor, Button, Stack, Tabs, Text, Textarea, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useParams } from "react-router";
import { kindKey } from "@/features/certificates/labels";
import { NotYet } from "@/shared/NotYet";
import css from "../shared/List.module.css";
import { useAction } from "../shared/useAction";
import own from "./Template.module.css";

export function TemplatePage() {
  const { kind = "", locale = "tr" } = useParams();
  const lang = locale === "en" ? "en" : "tr";
  const { data, error, refetch } = useQuery(
    getCertificateTemplateOptions({ path: { kind }, query: { locale: lang } }),
  );
  if (data) return <Editor key={`${data.version}-${data.locale}`} template={data} locale={lang} />;
  return <NotYet error={error} onRetry={() => void refetch()} width="wide" />;
}

/** HTML and CSS on the left, the PDF they make on the right. */
function Editor({ template, locale }: { template: TemplateDetailOut; locale: "tr" | "en" }) {
  const t = useT();
  const [html, setHtml] = useState(template.html);
  const [css_, setCss] = useState(template.css);
  const [resetting, setResetting] = useState(false);
  const path = { kind: template.kind };
  const stale = ["getCertificateTemplate", "listCertificateTemplates"];
  const save = useAction({
    run: () =>
      changeCertificateTemplate({
        path,
        headers: ifMatch(template.version),
        body: { locale, html, css: css_ },
      }),
    stale,
    quiet: true,
  });
  const reset = useAction({
    run: () =>
      changeCertificateTemplate({ path, headers: ifMatch(template.version), body: { locale, reset: true } }),
    stale,
    after: () => setResetting(false),
    quiet: true,
  });
  const preview = usePreview(template, locale);
  const changed = html !== template.html || css_ !== template.css;
  const title = `${t(kindKey(template.kind))} – ${locale.toUpperCase()}`;
  const area = {
    autosize: true,
    minRows: 18,
    maxRows: 30,
    spellCheck: false,
    classNames: { input: own.code ?? "" },
  };
  return (
    <Page title={title} width="wide">
      <PageHeader
        before={
          <Anchor component={Link} to="/admin/templates" size="sm">
            <IconArrowLeft size={15} aria-hidden /> {t("admin.nav.templates")}
          </Anchor>
        }
        title={title}
        actions={
          <>
            {template.customized ? (
              <Button variant="subtle" color="red" onClick={() => setResetting(true)}>
                {t("admin.templates.reset")}
              </Button>
            ) : null}
            <Button
              variant="default"
              loading={preview.isPending}
              onClick={() => preview.mutate({ html, css: css_ })}
            >
              {t("admin.templates.preview")}
            </Button>
            <Button loading={save.isPending} disabled={!changed} onClick={() => save.mutate()}>
              {t("common.save")}
            </Button>
          </>
        }
      />
      <div className={own.layout}>
        <Stack>
          <FormError error={save.error ?? preview.error} />
          <Tabs defaultValue="html" keepMounted={false}>
            <Tabs.List mb="sm">
              <Tabs.Tab value="html">{t("admin.templates.html")}</Tabs.Tab>
              <Tabs.Tab value="css">{t("admin.templates.css")}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="html">
              <Textarea
                aria-label={t("admin.templates.html")}
                value={html}
                onChange={(event) => setHtml(event.currentTarget.value)}
                {...area}
              />
            </Tabs.Panel>
            <Tabs.Panel value="css">
              <Textarea
                aria-label={t("admin.templates.css")}
                value={css_}
                onChange={(event) => setCss(event.currentTarget.value)}
                {...area}
              />
            </Tabs.Panel>
          </Tabs>
        </Stack>
        <Surface as="section" aria-label={t("admin.templates.previewTitle")}>
          <div className={css.head}>
            <Title order={2} size="h4">
              {t("admin.templates.previewTitle")}
            </Title>
            {preview.data ? (
              <Anchor href={preview.data} target="_blank" rel="noreferrer" size="sm">
                {t("admin.templates.openPdf")}
              </Anchor>
            ) : null}
          </div>
          {preview.data ? (
            <iframe src={preview.data} title={t("admin.templates.previewTitle")} className={own.pdf} />
          ) : (
            <Text c="dimmed" role="status">
              {preview.isPending ? t("admin.templates.previewBusy") : t("admin.templates.previewHint")}
            </Text>
          )}
        </Surface>
      </div>
      <ConfirmModal
        opened={resetting}
        danger
        title={t("admin.templates.reset")}
        text={t("admin.templates.resetText")}
        confirm={t("admin.templates.reset")}
        busy={reset.isPending}
        error={reset.error}
        onConfirm={() => reset.mutate()}
        onClose={() => setResetting(false)}
      />
    </Page>
  );
}

/** The PDF of the saved text, then of the unsaved one when asked; its address is given back when the page goes. */
function usePreview({ kind, html, css: style }: TemplateDetailOut, locale: "tr" | "en") {
  const preview = useMutation({
    mutationFn: async (source: { html: string; css: string }) => {
      const { data } = await previewCertificateTemplate({
        path: { kind },
        body: { locale, ...source },
        parseAs: "blob",
      });
      return URL.createObjectURL(new Blob([data as unknown as Blob], { type: "application/pdf" }));
    },
  });
  const { mutate } = preview;
  useEffect(() => mutate({ html, css: style }), [mutate, html, style]);
  const url = preview.data;
  useEffect(
    () => () => {
      if (url) URL.revokeObjectURL(url);
    },
    [url],
  );
  return preview;
}
