/** Undoes percent encoding; answers the text itself if that is broken. */
export function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
