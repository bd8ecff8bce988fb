import { createHash } from 'node:crypto'

/**
 * A uuid v7 that is always the same for the same row of Django's, so that a migration may be run again: what is there
 * already is recognised. Its time is that of the row, else it keeps the rows in their order.
 */
export function stableId(table: string, primaryKey: string, at: Date | null | undefined): string {
  const bytes = createHash('sha256').update(`${table}\n${primaryKey}`).digest().subarray(0, 16)
  bytes.writeUIntBE(at?.getTime() ?? Date.UTC(2020, 0, 1) + Number(primaryKey), 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
