/** A plain-text answer; what is in it may come from the sender, so that no browser is to take it for anything else. */
export function answer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text === '' ? '' : `${text}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...headers },
  })
}
