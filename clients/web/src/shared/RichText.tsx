import { Fragment } from "react";

/** Plain text written by an administrator: blank lines make paragraphs, "- " lines make lists. No HTML. */
export function RichText({ text }: { text: string }) {
  const blocks = text
    .replaceAll("\r\n", "\n")
    .split(/\n{2,}/)
    .map((b) => b.trim())
    .filter(Boolean);
  return (
    <div className="bn-prose">
      {blocks.map((block, i) => {
        const lines = block.split("\n");
        const key = `${i}-${block.slice(0, 12)}`;
        if (lines.every((line) => /^[-•*] /.test(line)))
          return (
            <ul key={key}>
              {lines.map((line) => (
                <li key={line}>{line.slice(2)}</li>
              ))}
            </ul>
          );
        return (
          <p key={key}>
            {lines.map((line, n) => (
              <Fragment key={`${n}-${line.slice(0, 12)}`}>
                {n > 0 ? <br /> : null}
                {line}
              </Fragment>
            ))}
          </p>
        );
      })}
    </div>
  );
}
