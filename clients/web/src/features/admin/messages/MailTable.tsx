import type { MailOut } from "@belgenet/api";
import { listMailsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import css from "../shared/List.module.css";
import { FilterSelect, Filters } from "../shared/ListFilters";
import { useList } from "../shared/useList";
import { useUrlState } from "../shared/useUrlState";
import { Kind } from "./Kind";
import { MAIL_STATES, TONE } from "./state";
import { Why } from "./Why";

export function MailTable() {
  const t = useT();
  const [state, setState] = useUrlState("state");
  const list = useList<MailOut>(
    listMailsInfiniteOptions({ query: { limit: 50, state: MAIL_STATES.find((s) => s === state) } }),
  );
  return (
    <>
      <Filters>
        <FilterSelect
          label={t("admin.list.status")}
          value={state}
          onChange={setState}
          options={MAIL_STATES.map((value) => ({ value, label: t(`admin.mails.state.${value}`) }))}
        />
      </Filters>
      <ResourceTable
        label={t("admin.mails.mail")}
        {...list}
        empty={t("admin.mails.empty")}
        count={list.rows ? t("admin.list.shown", { count: list.rows.length }) : undefined}
        columns={[
          {
            accessor: "subject",
            title: t("admin.mails.subject"),
            render: (mail) => (
              <>
                {mail.subject}
                <span className={css.sub}>
                  <Kind template={mail.template} locale={mail.locale} />
                </span>
              </>
            ),
          },
          { accessor: "recipient", title: t("admin.mails.recipient") },
          {
            accessor: "created_at",
            title: t("admin.list.created"),
            render: (mail) => <DateTime value={mail.created_at} />,
          },
          {
            accessor: "state",
            title: t("admin.list.status"),
            render: (mail) => (
              <>
                <StatusBadge tone={TONE[mail.state]}>{t(`admin.mails.state.${mail.state}`)}</StatusBadge>
                {mail.last_error ? <Why error={mail.last_error} /> : null}
              </>
            ),
          },
        ]}
      />
    </>
  );
}
