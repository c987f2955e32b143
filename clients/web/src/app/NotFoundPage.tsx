import { useT } from "@belgenet/i18n";
import { Page, Pattern } from "@belgenet/ui";
import { Button, Title } from "@mantine/core";
import { Link } from "react-router";
import css from "./NotFoundPage.module.css";

/** The 404 page, also shown by pages whose object does not exist. */
export function NotFound() {
  const t = useT();
  return (
    <Page title={t("common.error.missingTitle")} width="narrow">
      <div className={css.box}>
        <div className={css.art} aria-hidden>
          <Pattern seed="404" />
          <span>404</span>
        </div>
        <Title order={1} size="h2" tabIndex={-1}>
          {t("common.error.missingTitle")}
        </Title>
        <p>{t("common.error.missingText")}</p>
        <Button component={Link} to="/">
          {t("common.error.toHome")}
        </Button>
      </div>
    </Page>
  );
}

export { NotFound as NotFoundPage };
