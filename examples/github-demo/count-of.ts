/** How many of the values are one of these. */
export function countOf<Value>(values: readonly Value[], ...wanted: readonly Value[]): number {
  return values.filter((value) => wanted.includes(value)).length
}
