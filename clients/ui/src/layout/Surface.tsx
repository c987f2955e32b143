import clsx from "clsx";
import type { ComponentPropsWithoutRef, ElementType } from "react";
import css from "./Surface.module.css";

type Props<T extends ElementType> = {
  as?: T;
  tone?: "plain" | "tint" | "sunken";
  flush?: boolean;
} & Omit<ComponentPropsWithoutRef<T>, "as">;

/** The one card of the product: quiet border, no shadow. */
export function Surface<T extends ElementType = "div">({
  as,
  tone = "plain",
  flush,
  className,
  ...rest
}: Props<T>) {
  const Tag: ElementType = as ?? "div";
  return (
    <Tag
      className={clsx(
        css.root,
        tone === "tint" && css.tint,
        tone === "sunken" && css.sunken,
        flush && css.flush,
        className,
      )}
      {...rest}
    />
  );
}
