import { type CommandManual, generalOptions, type Options } from './command-manual.ts'

/** What `--help` of a command prints. */
export function commandHelp({ name, summary, operands, options, notes }: CommandManual): string {
  const usage = ['bapp-connectors', name, ...operands, '[options]'].join(' ')
  const all: Options = { ...options, ...generalOptions }
  const rows = Object.entries(all).map(([option, { short, value, help }]): Row => {
    const names = short === undefined ? `    --${option}` : `-${short}, --${option}`
    return [value === undefined ? names : `${names} ${value}`, help]
  })
  const rest = notes === undefined ? '' : `\n${notes}\n`
  return `Usage: ${usage}\n\n${capital(summary)}.\n\nOptions:\n${listed(rows)}${rest}`
}

/** What `--help` without a command prints. */
export function generalHelp(commands: readonly CommandManual[]): string {
  const rows = commands.map(({ name, summary }): Row => [name, summary])
  return `Usage: bapp-connectors <command> [options]

Commands:
${listed(rows)}
  bapp-connectors <command> --help   tells more about one
  bapp-connectors --version          shows the version

Exit codes: 0 done or nothing to do, 1 refused, not finished or something found, 2 wrong usage.
`
}

type Row = readonly [string, string]

function listed(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, text]) => `  ${name.padEnd(width)}${text}\n`).join('')
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
