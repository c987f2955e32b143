import { useT } from "@belgenet/i18n";
import { Pattern, Surface } from "@belgenet/ui";
import { Button, Text, Title } from "@mantine/core";
import { IconRosetteDiscountCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import { DownloadButton } from "@/features/certificates/DownloadButton";
import type { Order } from "./api";
import css from "./OrderPage.module.css";

/** The certificates of an order that are ready to be taken. */
export function OrderCertificates({ order }: { order: Order }) {
  const t = useT();
  const ready = order.certificates.filter((c) => c.status.toUpperCase() === "READY");
  return ready.map((certificate) => (
    <Surface
      key={certificate.id}
      as="section"
      tone="tint"
      className={css.certificate}
      aria-label={t("orders.page.certificate")}
    >
      <div className={css.seal} aria-hidden>
        <Pattern seed={certificate.code} />
        <IconRosetteDiscountCheck size={34} stroke={1.5} />
      </div>
      <div className={css.certificateText}>
        <Title order={2} size="h3">
          {t("orders.page.certificate")}
        </Title>
        <Text c="dimmed">
          {t("certificates.code")}: <code>{certificate.code}</code>
        </Text>
      </div>
      <div className={css.buttons}>
        <DownloadButton id={certificate.id} code={certificate.code} />
        <Button component={Link} to={`/verify/${certificate.code}`} variant="default">
          {t("certificates.verifyLink")}
        </Button>
      </div>
    </Surface>
  ));
}
