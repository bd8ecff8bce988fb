import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Connection, gate, toConnectionView } from '../../../src/core/domain/connection.ts'

const at = new Date('2026-11-24T12:00:00Z')
const later = new Date('2026-11-24T12:00:00.001Z')

const connection: Connection<string> = {
  id: '0192f3a4-0000-7000-8000-000000000001',
  tenantId: 'acme',
  providerFamily: 'code',
  providerName: 'github',
  displayName: 'Main',
  credentialsEncrypted: 'v1.k.sealed-credentials',
  credentialsVersion: 1,
  webhookSecretsEncrypted: 'v1.k.sealed-webhook-secrets',
  config: { owner: 'acme' },
  settingsEncrypted: 'v1.k.sealed-settings',
  slot: '',
  isEnabled: true,
  isConnected: true,
  authFailureCount: 0,
  lastAuthFailureAt: null,
  disabledReason: null,
  pausedUntil: null,
  pauseReason: null,
  pauseCount: 0,
  probeLeaseOwner: null,
  probeLeaseExpiresAt: null,
  tokenExpiresAt: null,
  tokenRefreshAt: null,
  needsReauthorization: false,
  refreshLeaseOwner: null,
  refreshLeaseExpiresAt: null,
  externalAccountId: null,
  version: 1,
  deletedAt: null,
  createdAt: at,
  updatedAt: at,
}

describe('the gate', () => {
  test('is open exactly when the connection is enabled, connected and not paused', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.option(fc.date({ noInvalidDate: true })),
        (isEnabled, isConnected, pausedUntil) => {
          const state = { ...connection, isEnabled, isConnected, pausedUntil }
          const isPaused = pausedUntil !== null && pausedUntil.getTime() > at.getTime()
          expect(gate(state, at).isOpen).toBe(isEnabled && isConnected && !isPaused)
          expect(toConnectionView(state, at).isOperational).toBe(gate(state, at).isOpen)
        },
      ),
    )
  })

  test('names the first thing to mend, and what to do', () => {
    const off = { ...connection, isEnabled: false, isConnected: false, pausedUntil: later, disabledReason: 'refused' }
    expect(gate(off, at)).toMatchObject({
      reason: 'disabled',
      message: expect.stringMatching(/\(refused\).*enable\(\)/),
    })
    expect(gate({ ...off, disabledReason: null }, at)).toMatchObject({
      message: expect.stringMatching(/is disabled\. /),
    })
    expect(gate({ ...off, isEnabled: true }, at)).toMatchObject({
      reason: 'disconnected',
      message: expect.stringContaining('connections.test()'),
    })
    expect(gate({ ...off, isEnabled: true, isConnected: true }, at)).toMatchObject({
      reason: 'paused',
      message: expect.stringContaining('2026-11-24T12:00:00.001Z'),
    })
  })

  test('a pause ends at its instant, not after it', () => {
    expect(gate({ ...connection, pausedUntil: later }, at).isOpen).toBe(false)
    expect(gate({ ...connection, pausedUntil: at }, at).isOpen).toBe(true)
  })

  test('after a pause is open for one call that goes first, and closed while that is under way', () => {
    const over = { ...connection, pausedUntil: at, pauseReason: 'away' }
    expect(gate(connection, at)).toEqual({ isOpen: true, needsProbe: false })
    expect(gate(over, at)).toEqual({ isOpen: true, needsProbe: true })
    const probed = { ...over, probeLeaseOwner: 'other', probeLeaseExpiresAt: later }
    expect(gate(probed, at)).toMatchObject({
      isOpen: false,
      reason: 'paused',
      message: expect.stringMatching(/one call/),
    })
    expect(gate(probed, later)).toEqual({ isOpen: true, needsProbe: true })
  })

  test('says why and how to end it, when the connection is paused', () => {
    const paused = gate({ ...connection, pausedUntil: later, pauseReason: 'slow down' }, at)
    expect(paused).toMatchObject({ message: expect.stringMatching(/\(slow down\).*connections\.resume\(\)/) })
  })
})

describe('the view', () => {
  test('holds no sealed value and nothing that only the store needs', () => {
    const view = toConnectionView(connection, at)
    expect(JSON.stringify(view)).not.toContain('sealed')
    expect(view).not.toHaveProperty('version')
    expect(view).not.toHaveProperty('slot')
    expect(view).toMatchObject({
      tenantId: 'acme',
      provider: { family: 'code', name: 'github' },
      settings: { owner: 'acme' },
    })
  })
})
