/** The text of a lesson. The server keeps only harmless tags and attributes when an author saves it. */
export function LessonHtml({ html }: { html: string }) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: cleaned by the server, and the content security policy forbids scripts
  return <div className="bn-prose" dangerouslySetInnerHTML={{ __html: html }} />;
}
