import { retrySms, type SmsOut } from "@belgenet/api";
import { listSmsInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import { Button } from "@mantine/core";
import css from "../shared/List.module.css";
import { FilterSelect, Filters } from "../shared/ListFilters";
import { useAction } from "../shared/useAction";
import { useList } from "../shared/useList";
import { useUrlState } from "../shared/useUrlState";
import { Kind } from "./Kind";
import { SMS_STATES, TONE } from "./state";
import { Why } from "./Why";

export function SmsTable() {
  const t = useT();
  const [state, setState] = useUrlState("state");
  const list = useList<SmsOut>(
    listSmsInfiniteOptions({ query: { limit: 50, state: SMS_STATES.find((s) => s === state) } }),
  );
  const again = useAction({
    run: (id: string) => retrySms({ path: { sms_id: id } }),
    stale: ["listSms", "getDashboard"],
    done: () => t("admin.mails.sms.queuedAgain"),
  });
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
                  <Kind template={sms.template} locale={sms.locale} />
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
                <AtTheProvider sms={sms} />
              </>
            ),
          },
          {
            accessor: "id",
            title: t("admin.list.actions"),
            textAlign: "right",
            render: (sms) =>
              sms.repeatable ? (
                <Button
                  size="xs"
                  variant="default"
                  loading={again.isPending && again.variables === sms.id}
                  onClick={() => again.mutate(sms.id)}
                >
                  {t("admin.mails.sms.again")}
                </Button>
              ) : null,
          },
        ]}
      />
    </>
  );
}

/** What the provider finds it by: its own name for it or, where it never told one, when it left. */
function AtTheProvider({ sms }: { sms: SmsOut }) {
  const t = useT();
  if (sms.provider_id)
    return (
      <span className={css.sub} style={{ overflowWrap: "anywhere" }}>
        {t("admin.mails.sms.providerId", { id: sms.provider_id })}
      </span>
    );
  if (sms.state !== "unknown" || !sms.sending_since) return null;
  return (
    <span className={css.sub}>
      {t("admin.mails.sms.left")} <DateTime value={sms.sending_since} />
    </span>
  );
}
