import { createStatusMapper, type StatusMapOverrides, statusMapSettings } from 'bapp-connectors/families/shop'
import { expect, test } from 'vitest'
import { z } from 'zod'

const withoutPrefix = (status: string) => status.replace(/^wc-/, '')

const mapperFor = (overrides?: StatusMapOverrides) =>
  createStatusMapper(
    {
      inbound: { processing: 'processing', completed: 'completed' },
      outbound: { processing: 'processing', completed: 'completed' },
      normalise: withoutPrefix,
    },
    overrides,
  )

test('the provider says what its statuses mean', () => {
  expect(mapperFor().toOrderStatus('completed')).toBe('completed')
  expect(mapperFor().toOrderStatus('wc-completed')).toBe('completed')
  expect(mapperFor().toProviderStatus('processing')).toBe('processing')
})

test('the tenant comes first, in both directions, in either spelling', () => {
  const mapper = mapperFor({
    status_map_inbound: { 'wc-custom-status': 'processing', completed: 'delivered' },
    status_map_outbound: { shipped: 'wc-custom-shipped' },
  })
  expect(mapper.toOrderStatus('custom-status')).toBe('processing')
  expect(mapper.toOrderStatus('wc-custom-status')).toBe('processing')
  expect(mapper.toOrderStatus('completed')).toBe('delivered')
  expect(mapper.toProviderStatus('shipped')).toBe('custom-shipped')
})

test('what nobody explained means nothing, whatever it is called', () => {
  for (const status of ['in-kitchen', 'constructor', '__proto__', '']) {
    expect(mapperFor().toOrderStatus(status)).toBeNull()
  }
})

test('a status that the shop does not have is refused, with the way out', () => {
  expect(() => mapperFor().toProviderStatus('delivered')).toThrow(
    'The shop has no status for "delivered". Name one in the setting status_map_outbound, or use one of: processing, completed.',
  )
})

test('overrides with an unknown meaning are refused by the settings schema', () => {
  const settings = z.strictObject(statusMapSettings)
  expect(settings.parse({})).toEqual({})
  expect(settings.safeParse({ status_map_inbound: { weird: 'processed' } }).success).toBe(false)
  expect(settings.safeParse({ status_map_outbound: { processed: 'weird' } }).success).toBe(false)
  expect(settings.safeParse({ status_map_outbound: { shipped: '' } }).success).toBe(false)
  expect(settings.parse({ status_map_outbound: { shipped: 'wc-shipped' } })).toEqual({
    status_map_outbound: { shipped: 'wc-shipped' },
  })
})
