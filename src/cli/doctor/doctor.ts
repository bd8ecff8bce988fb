import { defineCommand } from '../command.ts'
import { appOptions } from '../with-app.ts'
import { describeExamination } from './describe-examination.ts'
import { examine } from './examine.ts'
import { findingKinds } from './finding.ts'

/** `bapp-connectors doctor`: whether schema, database, keys, connections, syncs and webhooks are as they should be. */
export const doctorCommand = defineCommand(
  {
    name: 'doctor',
    summary: 'look for what is wrong: schema, database, keys, connections, syncs, webhooks, clocks',
    operands: [],
    options: {
      ...appOptions,
      app: { ...appOptions.app, help: 'the file that exports your instance; without it only the schema is checked' },
      schema: { type: 'string', value: '<path>', help: 'schema file or folder; default: found as Prisma finds it' },
    },
    notes:
      'It changes nothing. Exit code 1: there are problems (notices are none); 2: there are none, but something could not be\n' +
      'checked.',
  },
  async (environment, { json = false, ...options }) => {
    const { checks, findings: found } = await examine(environment, options)
    const findings = found.map((finding) => ({ ...finding, ...findingKinds[finding.code] }))
    const problemCount = findings.filter(({ level }) => level === 'problem').length
    const isUnchecked = checks.some(({ status }) => status === 'failed')
    const status = problemCount > 0 ? 'problems' : isUnchecked ? 'unchecked' : 'healthy'
    const report = { status, problemCount, noticeCount: findings.length - problemCount, checks, findings } as const
    environment.write(json ? `${JSON.stringify(report, null, 2)}\n` : describeExamination(report))
    return { healthy: 0, problems: 1, unchecked: 2 }[status]
  },
)
