import { describe, test } from 'node:test'
import { registerProviderContract } from 'bapp-connectors/testing'
import { helpdesk } from './custom-provider.ts'
import { helpdeskFixtures } from './custom-provider-fixtures.ts'

registerProviderContract({ describe, test }, helpdesk, helpdeskFixtures)
