import { Link } from "react-router";
import { Pattern } from "../art/Pattern";
import css from "./Shell.module.css";

export interface BrandInfo {
  name: string;
  logoUrl?: string | null;
  href: string;
  note?: string;
}

/** Logo and name of the institution; without a logo, its initial on its own pattern. */
export function Brand({ brand }: { brand: BrandInfo }) {
  return (
    <Link to={brand.href} className={css.brand}>
      {brand.logoUrl ? (
        <img src={brand.logoUrl} alt="" className={css.logo} />
      ) : (
        <span className={css.mark} aria-hidden>
          <Pattern seed={brand.name} />
          <span>{[...brand.name][0]}</span>
        </span>
      )}
      <span className={css.brandText}>
        <span className={css.brandName}>{brand.name}</span>
        {brand.note ? <span className={css.brandNote}>{brand.note}</span> : null}
      </span>
    </Link>
  );
}
