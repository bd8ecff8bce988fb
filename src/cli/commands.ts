import type { Command } from './command.ts'
import { doctorCommand } from './doctor/doctor.ts'
import { initCommand } from './init/init-command.ts'
import { keygenCommand } from './keygen.ts'
import { keysCommand } from './keys.ts'
import { providersCommand } from './providers.ts'
import { reencryptCommand } from './reencrypt.ts'
import { syncRunCommand } from './sync-run.ts'
import { webhooksReplayCommand } from './webhooks-replay.ts'

/** All commands, in the order in which one meets them. */
export const commands: readonly Command[] = [
  initCommand,
  keygenCommand,
  doctorCommand,
  providersCommand,
  keysCommand,
  reencryptCommand,
  syncRunCommand,
  webhooksReplayCommand,
]
