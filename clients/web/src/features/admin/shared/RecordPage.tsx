import { Page, PageHeader } from "@belgenet/ui";
import { Anchor } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { NotYet } from "@/shared/NotYet";

interface Props<R> {
  /** The list this record is in. */
  list: { path: string; title: string };
  newTitle: string;
  query: { data: R | undefined; error: unknown; refetch: () => Promise<unknown> };
  /** The empty form, shown at `…/new`. */
  create: ReactNode;
  badge: (record: R) => ReactNode;
  actions: (record: R) => ReactNode;
  children: (record: R) => ReactNode;
}

/** Page of one thing in the panel: the way back, its title, state and actions; or the form of a new one. */
export function RecordPage<R extends { title: string }>(props: Props<R>) {
  const isNew = useParams().id === "new";
  const record = props.query.data;
  if (!isNew && !record)
    return <NotYet error={props.query.error} onRetry={() => void props.query.refetch()} width="wide" />;
  const title = record && !isNew ? record.title : props.newTitle;
  return (
    <Page title={title} width="wide">
      <PageHeader
        before={
          <Anchor component={Link} to={props.list.path} size="sm">
            <IconArrowLeft size={15} aria-hidden /> {props.list.title}
          </Anchor>
        }
        title={title}
        intro={record && !isNew ? props.badge(record) : undefined}
        actions={record && !isNew ? props.actions(record) : undefined}
      />
      {record && !isNew ? props.children(record) : props.create}
    </Page>
  );
}
