import { connectors } from '../../../../connectors.ts'

// It needs a database and node:crypto.
export const runtime = 'nodejs'

export const GET = connectors.handler
export const POST = connectors.handler
