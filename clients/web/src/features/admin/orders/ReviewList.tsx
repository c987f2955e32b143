import { type ReviewOut, resolvePaymentReview } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { ConfirmModal, DateTime } from "@belgenet/ui";
import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import css from "../shared/List.module.css";
import { useAction } from "../shared/useAction";
import own from "./Orders.module.css";

/** Matters only a person can decide; a decision is a note that stays with the order. */
export function ReviewList({ reviews, withOrder }: { reviews: ReviewOut[]; withOrder?: boolean }) {
  const t = useT();
  const [open, setOpen] = useState<ReviewOut | null>(null);
  const [note, setNote] = useState("");
  const resolve = useAction({
    run: () => resolvePaymentReview({ path: { review_id: open?.id ?? "" }, body: { note: note.trim() } }),
    stale: ["getAdminOrder", "listPaymentReviews"],
    done: () => t("admin.reviews.resolved"),
    after: () => setOpen(null),
    quiet: true,
  });
  return (
    <>
      <ul className={own.events}>
        {reviews.map((review) => (
          <li key={review.id} className={css.head} style={{ margin: 0 }}>
            <div>
              <strong>
                {t(`admin.reviews.kind.${review.kind}` as "admin.reviews.kind.unallocated", {
                  defaultValue: review.kind,
                })}
              </strong>
              <span className={css.sub}>
                <DateTime value={review.created_at} />
                {review.note ? ` · ${review.note}` : ""}
              </span>
            </div>
            <div className={css.actions}>
              {withOrder ? (
                <Button component={Link} to={`/admin/orders/${review.order_id}`} size="xs" variant="default">
                  {t("admin.orders.number")}
                </Button>
              ) : null}
              {review.resolved_at ? null : (
                <Button
                  size="xs"
                  onClick={() => {
                    setNote("");
                    setOpen(review);
                  }}
                >
                  {t("admin.reviews.resolve")}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      <ConfirmModal
        opened={open !== null}
        title={t("admin.reviews.resolve")}
        confirm={t("admin.reviews.resolve")}
        busy={resolve.isPending}
        error={resolve.error}
        disabled={note.trim() === ""}
        onConfirm={() => resolve.mutate()}
        onClose={() => setOpen(null)}
      >
        <Textarea
          label={t("admin.reviews.note")}
          required
          maxLength={200}
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      </ConfirmModal>
    </>
  );
}
