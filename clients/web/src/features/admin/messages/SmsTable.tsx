import type { SmsOut } from "@belgenet/api";
import { listSmsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import css from "../shared/List.module.css";
import { FilterSelect, Filters } from "../shared/ListFilters";
import { useList } from "../shared/useList";
import { useUrlState } from "../shared/useUrlState";
import { SMS_STATES, TONE } from "./state";
import { Why } from "./Why";

export function SmsTable() {
  const t = useT();
  const [state, setState] = useUrlState("state");
  const list = useList<SmsOut>(
    listSmsInfiniteOptions({ query: { limit: 50, state: SMS_STATES.find((s) => s === state) } }),
  );
  return (
    <>
      <Filters>
        <FilterSelect
          label={t("admin.list.status")}
          value={state}
          onChange={setState}
          options={SMS_STATES.map((value) => ({ value, label: t(`admin.mails.state.${value}`) }))}
        />
      </Filters>
      <ResourceTable
        label={t("admin.mails.sms.name")}
        {...list}
        empty={t("admin.mails.sms.empty")}
        count={list.rows ? t("admin.list.shown", { count: list.rows.length }) : undefined}
        columns={[
          {
            accessor: "recipient",
            title: t("admin.mails.recipient"),
            render: (sms) => (
              <>
                {sms.recipient}
                <span className={css.sub}>
                  {sms.template} · {sms.locale.toUpperCase()}
                </span>
              </>
            ),
          },
          { accessor: "segments", title: t("admin.mails.sms.segments") },
          {
            accessor: "created_at",
            title: t("admin.list.created"),
            render: (sms) => <DateTime value={sms.created_at} />,
          },
          {
            accessor: "state",
            title: t("admin.list.status"),
            render: (sms) => (
              <>
                <StatusBadge tone={TONE[sms.state]}>{t(`admin.mails.state.${sms.state}`)}</StatusBadge>
                {sms.last_error ? <Why error={sms.last_error} /> : null}
              </>
            ),
          },
        ]}
      />
    </>
  );
}
