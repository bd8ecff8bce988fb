/** Text that every database can hold: without NUL, halves of surrogate pairs replaced, cut to `maxLength` characters. */
export function storableText(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  return text.replaceAll('\0', '').slice(0, maxLength).toWellFormed()
}

/** Whether a text is storable as it is. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
