import type { Child } from 'hono/jsx'

/** What is around every page. */
export function Document({
  title,
  stylesheet,
  script,
  refreshSeconds = null,
  children,
}: {
  title: string
  stylesheet: string
  script: string
  refreshSeconds?: number | null
  children?: Child
}) {
  return (
    <html lang="en" data-refresh={refreshSeconds === null ? undefined : String(refreshSeconds)}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="stylesheet" href={stylesheet} />
        <script src={script} defer />
      </head>
      <body>{children}</body>
    </html>
  )
}
