import { isDeepStrictEqual } from 'node:util'

/** What may be compared and shown in one cell. */
export type Fact = string | number | boolean

/** One line of the summary. */
export interface Check {
  /** The chapter it belongs to. */
  readonly chapter: string
  readonly label: string
  readonly expected: Fact
  readonly actual: Fact
  readonly isPassed: boolean
}

/** Collects what was expected and what happened. */
export interface Checklist {
  /** Begins a chapter: the lines that follow belong to it. */
  chapter(title: string): void
  /** Adds a line; a wrong one doesn't stop the demo. */
  expect(label: string, expected: Fact, actual: Fact): void
  /** All lines so far. */
  readonly checks: readonly Check[]
}

/** An empty checklist. */
export function createChecklist(): Checklist {
  const checks: Check[] = []
  let chapter = ''
  return {
    checks,
    chapter(title) {
      chapter = title
    },
    expect(label, expected, actual) {
      checks.push({ chapter, label, expected, actual, isPassed: isDeepStrictEqual(expected, actual) })
    },
  }
}
